namespace AsyncioSharp.LowLevel;

/// <summary>What was written and the kernel did not take yet: a queue of pooled segments, which is empty most of the time.</summary>
internal struct WriteBacklog
{
    private WriteSegment? _first;
    private WriteSegment? _last;
    private bool _isFrontLent; // the system reads it: its memory must not be used for anything else

    /// <summary>How many bytes wait.</summary>
    public int Length { get; private set; }

    public readonly bool IsEmpty => _first is null;

    /// <summary>What is to be sent next. Only for a backlog that is not empty.</summary>
    public readonly ReadOnlySpan<byte> Front => _first!.Data.Span;

    /// <summary>Lends <see cref="Front"/> to the system, until <see cref="Advance"/>. What is appended meanwhile is behind it.</summary>
    public Memory<byte> Lend()
    {
        _isFrontLent = true;
        return _first!.Data;
    }

    public void Append(ReadOnlySpan<byte> data)
    {
        Length = checked(Length + data.Length);
        if (_last is not null)
            data = data[_last.Append(data)..];
        while (!data.IsEmpty)
        {
            var segment = WriteSegment.Rent(data.Length);
            data = data[segment.Append(data)..];
            if (_last is null)
                _first = segment;
            else
                _last.Next = segment;
            _last = segment;
        }
    }

    /// <summary>Drops what was sent of <see cref="Front"/>.</summary>
    public void Advance(int count)
    {
        Length -= count;
        _isFrontLent = false;
        var first = _first!;
        first.Advance(count);
        if (!first.IsEmpty)
            return;
        _first = first.Next;
        if (_first is null)
            _last = null;
        first.Return();
    }

    public void Clear()
    {
        if (_isFrontLent)
        {
            _first = _first!.Next; // the one that is lent is left to the collector
            _isFrontLent = false;
        }
        while (_first is { } segment)
        {
            _first = segment.Next;
            segment.Return();
        }
        _last = null;
        Length = 0;
    }
}
