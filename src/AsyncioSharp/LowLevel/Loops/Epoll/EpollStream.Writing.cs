namespace AsyncioSharp.LowLevel;

// Writing: what the kernel does not take waits for an event that says it has room again.
internal abstract partial class EpollStream
{
    /// <summary>Gives data to the kernel.</summary>
    /// <returns>How many bytes it took, or an error number, negated.</returns>
    private protected abstract int Send(ReadOnlySpan<byte> data);

    internal override void SendNow(ReadOnlySpan<byte> data)
    {
        var sent = Send(data);
        if (sent > 0)
            Loop.Counters.BytesSent += sent;
        if (sent == data.Length)
            return;
        if (sent >= 0 || sent == -Errno.EAGAIN)
            Keep(data[Math.Max(sent, 0)..]);
        else
            ForceClose(Failure("Sending", -sent));
    }

    private protected void SendKept()
    {
        while (!Backlog.IsEmpty)
        {
            var front = Backlog.Front;
            var sent = Send(front);
            if (sent < 0)
            {
                if (sent != -Errno.EAGAIN)
                {
                    ForceClose(Failure("Sending", -sent));
                    return;
                }
                break;
            }
            var all = sent == front.Length;
            Backlog.Advance(sent);
            Loop.Counters.BytesSent += sent;
            if (!all)
                break; // the kernel has no room; it tells when it has
        }
        OnSent();
    }
}
