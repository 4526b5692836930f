namespace AsyncioSharp.LowLevel;

/// <summary>
/// The receiving side of a <see cref="TransportStream"/>. It keeps no data: this is received straight into the memory of
/// whoever reads, and stays with the system while nobody does.
/// </summary>
internal sealed class StreamReading(EventLoop loop) : StreamSide(loop)
{
    private Transport _transport = null!;
    private Memory<byte> _buffer;
    private bool _eof;

    // There is data, and nobody read: the transport was paused.
    private bool _held;

    // There is data in this turn, of which something can be received at once; once, so that a peer that sends without end
    // does not hold everybody else up.
    private bool _ready;

    /// <summary>The memory of whoever waits.</summary>
    public Memory<byte> Buffer => _buffer;

    public void Begin(Transport transport) => _transport = transport;

    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken token)
    {
        if (!Loop.IsOnThread)
        {
            Enter(token);
            _buffer = buffer;
            var version = Version; // the loop may be done with it before this thread goes on
            Post();
            return new ValueTask<int>(this, version);
        }
        CheckFree();
        if (TryReceive(buffer.Span, out var count))
            return new ValueTask<int>(count);
        if (Failure is not null)
            return ValueTask.FromException<int>(Failure);
        Enter(token);
        _buffer = buffer;
        Wait();
        return new ValueTask<int>(this, Version);
    }

    /// <summary>There is data: whether it stays where it is, as whoever waits did not give memory for it, or nobody waits.</summary>
    public bool TryDefer()
    {
        if (IsWaiting)
        {
            if (!_buffer.IsEmpty)
                return false;
            _ready = true; // that is what .NET reads no bytes for; now it will read
            Complete(0);
            if (!_ready)
                return true; // it has, in there: whether there is more the transport knows
        }
        Hold();
        return true;
    }

    public void Received(int count) => Complete(count);

    public void FeedEof()
    {
        _eof = true;
        if (IsWaiting)
            Complete(0);
    }

    private protected override bool TryStart(out int count) => TryReceive(_buffer.Span, out count);

    private protected override void Release() => _buffer = default;

    private bool TryReceive(Span<byte> buffer, out int count)
    {
        count = 0;
        if (Failure is not null)
            return false;
        if (_eof)
            return true;
        if (buffer.IsEmpty)
            return _held || _ready;
        if (_held)
        {
            _held = false;
            _ready = true;
            _transport.ResumeReading();
        }
        if (!_ready)
            return false;
        _ready = false;
        count = _transport.TryReceive(buffer);
        Loop.Counters.BytesReceived += count;
        return count > 0 || _eof;
    }

    private void Hold()
    {
        _ready = false;
        _held = true;
        _transport.PauseReading();
    }
}
