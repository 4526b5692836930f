namespace AsyncioSharp.LowLevel;

// Reading on another thread, as HTTP/2 does, without a way to the loop and back: what there is is received there and then, and where there is nothing
// the read begins to wait there too. No arrival is missed in between. The socket is watched edge-triggered, so that what arrives after the
// receive that found nothing is told to the loop; and it asks who waits under the lock in which that receive was made and the wait was begun.
internal sealed partial class StreamReading
{
    // Held by another thread while it receives: the connection must not be given back meanwhile, and its descriptor become that of another. What
    // the two sides ask each other is asked under it.
    private readonly Lock _gate = new();

    private bool _readsElsewhere;
    private bool _left; // there was data, and nobody waited: it is for whoever receives next, and the transport was not paused
    private bool _ended;

    /// <summary>The connection is about to be given back.</summary>
    public void End()
    {
        lock (_gate)
            _ended = true;
    }

    private ValueTask<int> ReadElsewhereAsync(Memory<byte> buffer, CancellationToken token)
    {
        var memory = buffer.Span; // outside of everything: a program's own memory may throw
        Enter(token);
        _buffer = buffer;
        var version = Version; // the loop may be done with it before this thread goes on
        if (!buffer.IsEmpty && _transport.ReceivesOnAnyThread)
        {
            var (count, waits) = ReceiveElsewhere(memory, mayWait: !token.CanBeCanceled);
            if (waits)
                return new ValueTask<int>(this, version);
            if (count > 0)
            {
                Interlocked.Add(ref Loop.Counters.BytesReceivedElsewhere, count);
                Leave();
                return new ValueTask<int>(count);
            }
        }
        Post();
        return new ValueTask<int>(this, version);
    }

    private (int Count, bool Waits) ReceiveElsewhere(Span<byte> buffer, bool mayWait)
    {
        lock (_gate)
        {
            if (_ended || _eof)
                return default;
            _readsElsewhere = true;
            var count = _transport.TryReceiveOnAnyThread(buffer);
            if (count >= 0)
            {
                _left |= count == 0; // the end, or an error: the loop is to receive it too
                return (count, false);
            }
            _left = false;
            // One that was paused can only be resumed on the loop.
            if (!mayWait || _held)
                return default;
            WaitElsewhere();
            return (0, true);
        }
    }
}
