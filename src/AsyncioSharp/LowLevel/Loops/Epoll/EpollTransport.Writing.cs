namespace AsyncioSharp.LowLevel;

// Writing: the kernel is asked at once, and what it does not take waits for an event that says it has room again.
internal sealed partial class EpollTransport
{
    public override void Write(ReadOnlySpan<byte> data)
    {
        Loop.CheckThread();
        if ((State & TransportState.NotWriting) != 0)
        {
            WriteTooLate();
            return;
        }
        if (Backlog.IsEmpty)
        {
            if (data.IsEmpty)
                return;
            var sent = Libc.Send(_descriptor, data);
            if (sent == data.Length)
                return;
            if (sent > 0)
                data = data[sent..];
            else if (sent != -Errno.EAGAIN)
            {
                ForceClose(Errno.Exception(-sent, "Sending failed"));
                return;
            }
        }
        Keep(data);
    }

    private protected override void EndSending() => _ = Libc.ShutdownSending(_descriptor);

    private void Flush()
    {
        while (!Backlog.IsEmpty)
        {
            var front = Backlog.Front;
            var sent = Libc.Send(_descriptor, front);
            if (sent < 0)
            {
                if (sent != -Errno.EAGAIN)
                {
                    ForceClose(Errno.Exception(-sent, "Sending failed"));
                    return;
                }
                break;
            }
            var all = sent == front.Length;
            Backlog.Advance(sent);
            if (!all)
                break; // the kernel has no room; it tells when it has
        }
        OnSent();
    }
}
