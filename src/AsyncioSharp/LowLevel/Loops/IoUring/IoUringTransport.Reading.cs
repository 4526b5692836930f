namespace AsyncioSharp.LowLevel;

// The kernel goes on receiving until it is told to stop. A connection keeps one of the loop's buffers at most, and only until
// its next turn; what comes besides, or while the protocol wants nothing, is copied, so that the buffers are there for the
// others. While nothing is wanted the receive is cancelled as soon as something comes: what can still come is bounded. Who gets no
// buffer is received from by a system call, in its turn: asked again before others have had theirs, the kernel would only say the same.
internal sealed partial class IoUringTransport
{
    private const int NotEnded = 1;
    private const int MostUnread = 64 * 1024;

    private ReceivedData _first;
    private Queue<ReceivedData>? _others; // behind the first
    private int _unread; // bytes of those
    private bool _hasFirst;
    private bool _wasRefused; // there was no buffer left for what has come, or would come
    private int _ended = NotEnded; // what the last receive has said: 0 for the peer's end, or an error number, negated
    private bool _goesPlain; // it is better received on as on an epoll loop: large pieces come or go, or other threads receive
    private volatile bool _isPlain; // and they are; then nothing is in the kernel's hands, or left of what was

    /// <summary>The kernel has received something.</summary>
    public void OnReceived(in CompletionEntry completion)
    {
        if (completion.HasBuffer)
            _buffers.Hold(completion.Buffer);
        if (completion is { HasBuffer: true, Result: <= 0 })
            _buffers.Return(completion.Buffer); // nobody else would
        if (completion.Result > 0)
            Add(new ReceivedData(completion.Buffer, completion.Result));
        else if (completion.Result == -Errno.ENOBUFS)
            Refuse();
        else if (!IsInterruption(completion.Result))
            End(completion.Result);
        if (completion.HasMore)
            return;
        if (IsFinished)
        {
            CloseSocket();
            return;
        }
        TellHeldBack();
        ReceiveOn();
    }

    /// <summary>The kernel does not receive by itself any more.</summary>
    public void OnDeclined()
    {
        if (IsFinished)
        {
            CloseSocket();
            return;
        }
        _goesPlain = true;
        TellHeldBack();
        ReceiveOn();
    }

    /// <summary>Not as long as the kernel receives by itself: what it has received is the loop's.</summary>
    internal override bool ReceivesOnAnyThread => _isPlain;

    internal override void LetOthersReceive() => GoPlain();

    private void GoPlain()
    {
        if (_goesPlain)
            return;
        _goesPlain = true;
        if (!_driver.Cancel(_receive))
            ReceiveOn();
    }

    private protected override int Receive(Span<byte> buffer)
    {
        if (_isPlain)
            return base.Receive(buffer);
        var count = 0;
        while (_hasFirst && count < buffer.Length)
        {
            var data = _first.Data(_buffers);
            var part = Math.Min(data.Length, buffer.Length - count);
            data[..part].CopyTo(buffer[count..]);
            count += part;
            _first.Advance(part);
            if (_first.IsEmpty)
                TakeFirst().Return(_buffers);
        }
        if (_wasRefused && count < buffer.Length) // also behind what had a buffer: what does not fill the memory passes for all there is
            count = ReceiveRefused(buffer, count);
        else if (count == 0)
            return _ended == NotEnded ? -Errno.EAGAIN : _ended;
        ReceiveOn();
        return count;
    }

    private protected override void OnReadable(EpollEvents events)
    {
        if (_isPlain)
        {
            base.OnReadable(events);
            return;
        }
        ReadInTurn();
        // A connection that sends before it ends, or receives nothing for now, may stay so for long.
        if (IsClosing)
            DropReceived();
        else if (_hasFirst && (State & TransportState.Paused) != 0)
            _first = _first.Copy(_buffers);
    }

    private protected override void Read(Protocol protocol)
    {
        // Several pieces are read as one, as by a receive: a turn for each would make who sends much wait for all others in between.
        if (_isPlain || !_hasFirst || _others is { Count: > 0 })
        {
            base.Read(protocol);
            return;
        }
        var received = TakeFirst();
        if (!_hasFirst && !_wasRefused && _ended == NotEnded)
            State &= ~TransportState.Readable;
        Deliver(protocol, received.Data(_buffers));
        received.Return(_buffers);
        ReceiveOn();
    }

    private protected override void OnReadingResumed()
    {
        base.OnReadingResumed();
        ReceiveOn();
    }

    private void Add(ReceivedData received)
    {
        if (IsClosing)
        {
            received.Return(_buffers);
            _driver.Cancel(_receive);
            return;
        }
        var isPaused = (State & TransportState.Paused) != 0;
        _goesPlain |= received.Data(_buffers).Length == ReceiveBuffers.Size;
        if (_hasFirst)
        {
            _unread += received.Data(_buffers).Length;
            _goesPlain |= _unread > MostUnread; // it reads more slowly than comes: what more there is belongs in the kernel, so that the peer has to wait
            (_others ??= new Queue<ReceivedData>()).Enqueue(received.Copy(_buffers));
        }
        else
        {
            _first = isPaused ? received.Copy(_buffers) : received;
        }
        _hasFirst = true;
        State |= TransportState.Readable;
        Watch.Queue();
        if (isPaused || _goesPlain)
            _driver.Cancel(_receive);
    }

    private ReceivedData TakeFirst()
    {
        var first = _first;
        _hasFirst = _others is { Count: > 0 };
        _first = _hasFirst ? _others!.Dequeue() : default;
        if (_hasFirst)
            _unread -= _first.Data(_buffers).Length;
        return first;
    }

    private void End(int result)
    {
        if (IsFinished)
            return;
        _ended = result;
        State |= TransportState.Readable | TransportState.Ending;
        Watch.Queue();
    }

    private void Refuse()
    {
        if (IsFinished)
            return;
        _wasRefused = true;
        State |= TransportState.Readable;
        Watch.Queue();
    }

    // Large pieces are better received so from now on. What fills the buffer is not all: the rest is received in the same way, as soon as it is
    // asked for. An end behind data is told with the next receive.
    private int ReceiveRefused(Span<byte> buffer, int before)
    {
        var count = base.Receive(buffer[before..]);
        _wasRefused = before + count == buffer.Length;
        _goesPlain |= count >= ReceiveBuffers.Size;
        if (count is <= 0 and not -Errno.EAGAIN)
        {
            _ended = count;
            State |= TransportState.Ending;
        }
        return before == 0 ? count : before + Math.Max(count, 0);
    }

    // Goes on receiving if that is wanted, and was interrupted.
    private void ReceiveOn()
    {
        if (_receive.IsPending || _isPlain || _hasFirst || _ended != NotEnded || IsFinished || (State & TransportState.NotReading) != 0)
            return;
        if (!_goesPlain)
        {
            if (!_wasRefused)
                _driver.Submit(_receive);
            return;
        }
        _wasRefused = false;
        _isPlain = true;
        NoteKind();
        WatchFor(EpollEvents.Connection);
    }

    private void DropReceived()
    {
        while (_hasFirst)
            TakeFirst().Return(_buffers);
    }

    // It was cancelled, or there was no memory for it at the moment.
    private static bool IsInterruption(int result) => result is -Errno.ECANCELED or -Errno.EINTR or -Errno.EAGAIN;
}
