namespace AsyncioSharp.LowLevel;

// Writing: what the kernel does not take waits for an event that says it has room again.
internal abstract partial class EpollStream
{
    /// <summary>Gives data to the kernel.</summary>
    /// <returns>How many bytes it took, or an error number, negated.</returns>
    private protected abstract int Send(ReadOnlySpan<byte> data);

    internal override void SendNow(ReadOnlySpan<byte> data) => NoteSent(Send(data), data);

    /// <summary>Data was given to the kernel.</summary>
    /// <param name="sent">How many bytes it took, or an error number, negated.</param>
    /// <param name="data">The data.</param>
    internal void NoteSent(int sent, ReadOnlySpan<byte> data)
    {
        if (sent > 0)
            Loop.Counters.BytesSent += sent;
        if (sent == data.Length)
            return;
        if (sent < 0 && sent != -Errno.EAGAIN)
        {
            ForceClose(Failure("Sending", -sent));
            return;
        }
        WaitForRoom();
        Keep(data[Math.Max(sent, 0)..]);
    }

    /// <summary>The kernel has no room. It tells when it has: that is the event which is watched for.</summary>
    private protected virtual void WaitForRoom() { }

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
                WaitForRoom();
                break;
            }
            var all = sent == front.Length;
            Backlog.Advance(sent);
            Loop.Counters.BytesSent += sent;
            if (!all)
            {
                WaitForRoom();
                break;
            }
        }
        OnSent();
    }
}
