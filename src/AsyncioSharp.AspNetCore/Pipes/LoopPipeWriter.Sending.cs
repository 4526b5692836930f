namespace AsyncioSharp.AspNetCore;

// The memory: segments from the first byte that was not sent to the last that was written. One that whoever writes was given
// stays until he is done with it, also when all of it was sent.
internal sealed partial class LoopPipeWriter
{
    private const int MinSize = 4 * 1024;
    private const int MaxSize = 64 * 1024;
    private const int MaxOnTheWay = 8 * 1024; // the system sends so much at once, whatever becomes of the connection

    private WrittenSegment? _head;
    private WrittenSegment? _tail;
    private WrittenSegment? _spare;
    private long _unflushed;
    private long _flushed;
    private bool _isLent;
    private bool _inTurn;
    private volatile bool _turnComes;
    private bool _isPosted;
    private bool _paused;
    private bool _lost;

    /// <summary>How much the transport was given so far. On the loop.</summary>
    public long Given { get; private set; }

    private bool HasToWait => !_lost && (_paused || _flushed > _maxBuffered);

    /// <summary>A turn is about to be posted: what was flushed, and has not left by then, leaves at its end. On any thread.</summary>
    public void ExpectTurn() => _turnComes = true;

    /// <summary>What is flushed from now on leaves at the end of the turn.</summary>
    /// <returns>False if that of another is still to come.</returns>
    public bool BeginTurn()
    {
        var begins = !_inTurn;
        _turnComes = false;
        _inTurn = true;
        return begins;
    }

    /// <summary>Sends what was flushed.</summary>
    public void EndTurn()
    {
        _inTurn = false;
        if (Volatile.Read(ref _flushed) > 0)
            SendNow();
    }

    /// <summary>Sends what was flushed; on the loop.</summary>
    public void SendNow()
    {
        bool goesOn;
        lock (_lock)
        {
            Send();
            goesOn = !HasToWait && _wait.Signal();
        }
        if (goesOn)
            _wait.Continue(inline: true);
    }

    /// <summary>The peer does not keep up.</summary>
    public void Pause()
    {
        lock (_lock)
            _paused = true;
    }

    /// <summary>The peer has taken enough.</summary>
    public void Resume()
    {
        bool goesOn;
        lock (_lock)
        {
            _paused = false;
            goesOn = !HasToWait && _wait.Signal();
        }
        if (goesOn)
            _wait.Continue(inline: true);
    }

    /// <summary>The connection is gone.</summary>
    public void Lose()
    {
        bool goesOn;
        lock (_lock)
        {
            _lost = true;
            _flushed = 0;
            goesOn = _wait.Signal();
        }
        if (goesOn)
            _wait.Continue(inline: true);
    }

    private Memory<byte> Lend(int sizeHint)
    {
        _isLent = true;
        if (_tail is null || _tail.Room.Length < Math.Max(sizeHint, 1))
        {
            var segment = _spare ?? new WrittenSegment();
            _spare = null;
            segment.Rent(Math.Max(sizeHint, _tail is null ? MinSize : MaxSize));
            if (_tail is null)
                _head = segment;
            else
                _tail.Next = segment;
            _tail = segment;
        }
        return _tail.Room;
    }

    private void Commit(int count)
    {
        if (count < 0 || count > (_tail?.Room.Length ?? 0))
            throw new ArgumentOutOfRangeException(nameof(count), count, "More is committed than there was memory for.");
        _tail?.Advance(count);
        _unflushed += count;
        _isLent = false;
    }

    // What was written may be sent. Whether that has to be posted to the loop, once the lock is let go: a loop that is closing drops
    // what it has, of other connections as well, on the thread that posts.
    private bool Flush()
    {
        _isLent = false;
        if (_lost)
        {
            Drop();
            return false;
        }
        _flushed += _unflushed;
        _unflushed = 0;
        if (_flushed == 0)
            return false;
        if (_inTurn && _connection.Loop.IsOnThread)
        {
            if (_flushed >= MaxSize)
                Send();
        }
        else if (!_isPosted)
        {
            _isPosted = true;
            if (!_connection.Loop.IsOnThread)
                return true;
            _connection.Loop.CallSoon(static writer => writer.SendPosted(), this);
        }
        return false;
    }

    private void SendPosted()
    {
        lock (_lock)
            _isPosted = false;
        if (!_turnComes)
            SendNow();
    }

    // On the loop's thread.
    private void Send()
    {
        while (_flushed > 0 && _head is { } head && _connection.Carrier is { } carrier)
        {
            var data = head.Data;
            if (data.Length > _flushed)
                data = data[..(int)_flushed];
            carrier.Write(data);
            Given += data.Length;
            if (_lost)
                return;
            _flushed -= data.Length;
            head.Skip(data.Length);
            if (head.Length == 0 && !(_isLent && ReferenceEquals(head, _tail)))
                DropHead();
            else
                break;
        }
    }

    private void Finish()
    {
        lock (_lock)
            Send();
        if (_connection.Carrier is { IsClosing: false } carrier)
        {
            carrier.WriteEof(); // first, as a socket that is closed with something unread tells its peer of no end, but of a reset
            if (Given > MaxOnTheWay)
                _connection.CloseSoon();
            else
                carrier.Close();
        }
        DropAll();
    }

    private void Abort()
    {
        _connection.Reset();
        DropAll();
    }

    // Nobody writes any more, and what could be sent was.
    private void DropAll()
    {
        lock (_lock)
            Drop();
    }

    private void Drop()
    {
        while (_head is not null)
            DropHead();
        _flushed = _unflushed = 0;
    }

    private void DropHead()
    {
        var head = _head!;
        _head = head.Next;
        if (_head is null)
            _tail = null;
        head.Return();
        _spare = head;
    }
}
