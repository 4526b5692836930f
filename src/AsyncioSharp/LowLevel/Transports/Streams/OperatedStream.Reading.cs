namespace AsyncioSharp.LowLevel;

internal abstract partial class OperatedStream
{
    private const int BufferSize = 64 * 1024;

    private byte[]? _buffer;
    private int _taken;
    private int _filled;
    private bool _atEnd;
    private Exception? _failure;
    private bool _queued;

    private bool HasData => _taken < _filled;

    internal override int TryReceive(Span<byte> buffer)
    {
        if (!HasToRead || !HasData)
            return 0;
        return Take(buffer);
    }

    private protected override void OnReadingResumed() => Queue();

    private void OnRead(int count, Exception? failure)
    {
        (_taken, _filled) = (0, count);
        _failure = failure;
        _atEnd = count == 0;
        State |= TransportState.Readable;
        ContinueReading();
    }

    private void ContinueReading()
    {
        if (_input is null || (State & TransportState.Starting) != 0)
            return;
        if (HasToRead)
            Deliver();
        if ((State & TransportState.NotReading) != 0 || _reading.IsPending)
            return;
        if (HasToRead)
            Queue();
        else
            _reading.Read(_input, _buffer ??= GC.AllocateUninitializedArray<byte>(BufferSize), Released);
    }

    private void Deliver()
    {
        if (HasData)
        {
            if (Plain is not null)
            {
                var data = _buffer.AsSpan(_taken, _filled - _taken);
                _taken = _filled;
                NoteTaken();
                Deliver(Plain, data);
            }
            else if (!Buffered!.TryLeaveData() && TryGetBuffer(Buffered, out var room))
            {
                Deliver(Buffered, Take(room));
            }
        }
        else if (_failure is not null)
        {
            ForceClose(_failure);
        }
        else
        {
            ReadEof();
        }
    }

    private int Take(Span<byte> room)
    {
        var count = Math.Min(room.Length, _filled - _taken);
        _buffer.AsSpan(_taken, count).CopyTo(room);
        _taken += count;
        NoteTaken();
        return count;
    }

    // After the data comes the next read, which tells of the end in its turn.
    private void NoteTaken()
    {
        if (!HasData && !_atEnd)
            State &= ~TransportState.Readable;
    }

    private void Queue()
    {
        if (_queued)
            return;
        _queued = true;
        Loop.CallSoon(static transport =>
        {
            transport._queued = false;
            transport.ContinueReading();
        }, this);
    }
}
