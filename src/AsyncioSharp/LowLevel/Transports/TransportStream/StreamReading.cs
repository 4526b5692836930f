namespace AsyncioSharp.LowLevel;

/// <summary>
/// The receiving side of a <see cref="TransportStream"/>. It keeps no data: this is received straight into the memory of
/// whoever reads, and stays with the system while nobody does.
/// </summary>
/// <remarks>
/// Another thread receives by itself (<c>StreamReading.Elsewhere.cs</c>). There is one receiver at a time all the same: the loop receives only
/// while a read waits (<see cref="StreamSide.IsWaiting"/>), and a read that waits is ended by nobody but the loop.
/// </remarks>
internal sealed partial class StreamReading(EventLoop loop) : StreamSide(loop)
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
            return ReadElsewhereAsync(buffer, token);
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
    public bool TryLeaveData()
    {
        lock (_gate)
        {
            if (!IsWaiting)
            {
                Hold();
                return true;
            }
        }
        if (!_buffer.IsEmpty)
            return false;
        _ready = true; // that is what .NET reads no bytes for; now it will read
        Complete(0);
        if (!_ready)
            return true; // it has, in there: whether there is more the transport knows
        lock (_gate)
            Hold();
        return true;
    }

    public void Received(int count) => Complete(count);

    public void FeedEof()
    {
        lock (_gate)
            _eof = true;
        if (IsWaiting)
            Complete(0);
    }

    private protected override bool TryStart(out int count)
    {
        _transport.LetOthersReceive();
        return TryReceive(_buffer.Span, out count);
    }

    private protected override void Release() => _buffer = default;

    private bool TryReceive(Span<byte> buffer, out int count)
    {
        count = 0;
        if (Failure is not null)
            return false;
        if (_eof)
            return true;
        if (buffer.IsEmpty)
            return _ready || HasDataLeft();
        TakeHeld();
        if (!_ready)
            return false;
        _ready = false;
        count = _transport.TryReceive(buffer);
        Loop.Counters.BytesReceived += count;
        return count > 0 || _eof;
    }

    // What was there when nobody read another thread may have received since. Then it is waited for as if nothing had been.
    private bool HasDataLeft()
    {
        if (!_held && !_left)
            return false;
        if (!_readsElsewhere || _transport.HasToReceive())
            return true;
        _transport.SetReadable(false);
        _left = false;
        if (_held)
        {
            _held = false;
            _transport.ResumeReading();
        }
        return false;
    }

    private void TakeHeld()
    {
        if (_left)
        {
            _left = false;
            _ready = true;
            _transport.SetReadable(true);
        }
        if (_held)
        {
            _held = false;
            _ready = true;
            _transport.ResumeReading();
        }
    }

    private void Hold()
    {
        _ready = false;
        if (_readsElsewhere)
        {
            // Pausing would have to be undone here, for which every wait would have to come here first.
            _left = true;
            _transport.SetReadable(false);
            return;
        }
        _held = true;
        _transport.PauseReading();
    }
}
