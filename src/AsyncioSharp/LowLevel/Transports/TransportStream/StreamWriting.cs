namespace AsyncioSharp.LowLevel;

/// <summary>
/// The sending side of a <see cref="TransportStream"/>. A write has ended when the system has taken all of it, so that an
/// abort drops nothing that was written. On another thread the system is asked there: only what it does not take goes to the loop.
/// </summary>
internal sealed class StreamWriting(EventLoop loop) : StreamSide(loop)
{
    // Held by another thread while it sends: the connection must not be given back meanwhile, and its descriptor become that of
    // another.
    private readonly Lock _sending = new();

    private Transport _transport = null!;
    private ReadOnlyMemory<byte> _buffer;
    private bool _paused;
    private bool _ended;

    public void Begin(Transport transport)
    {
        _transport = transport;
        transport.SetWriteBufferLimits(high: 0);
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken token)
    {
        if (!Loop.IsOnThread)
        {
            Enter(token);
            buffer = buffer[SendHere(buffer.Span)..];
            if (buffer.IsEmpty)
            {
                Leave();
                return default;
            }
            _buffer = buffer;
            var version = Version; // the loop may be done with it before this thread goes on
            Post();
            return new ValueTask(this, version);
        }
        CheckFree();
        if (TrySend(buffer.Span))
            return default;
        if (Failure is not null)
            return ValueTask.FromException(Failure);
        Enter(token);
        Wait();
        return new ValueTask(this, Version);
    }

    /// <summary>The connection is about to be given back.</summary>
    public void End()
    {
        lock (_sending)
            _ended = true;
    }

    public void Pause() => _paused = true;

    public void Resume()
    {
        _paused = false;
        if (IsWaiting)
            Complete(0);
    }

    private protected override bool TryStart(out int count)
    {
        count = 0;
        var sent = TrySend(_buffer.Span);
        _buffer = default; // what the system did not take was copied
        return sent;
    }

    private protected override void Release() => _buffer = default;

    // After a write that was cancelled there may be some of it left, which comes first.
    private int SendHere(ReadOnlySpan<byte> data)
    {
        lock (_sending)
        {
            var sent = _ended || _paused ? 0 : _transport.TrySendOnAnyThread(data);
            if (sent > 0)
                Interlocked.Add(ref Loop.Counters.BytesSentElsewhere, sent);
            return sent;
        }
    }

    private bool TrySend(ReadOnlySpan<byte> data)
    {
        if (Failure is not null)
            return false;
        if (!_transport.IsClosing)
            _transport.Write(data);
        // Lost: why comes in a turn of its own.
        return !_paused && !_transport.IsClosing;
    }
}
