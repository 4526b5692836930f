namespace AsyncioSharp.LowLevel;

/// <summary>
/// Timers whose deadlines came in ascending order: what a program gets that arms timers of one and the same delay, as
/// most timeouts are. Adding one and cancelling one are a store each.
/// </summary>
internal sealed class TimerRun
{
    private const int MinCanceled = 1024;

    private struct Entry
    {
        public long Deadline;
        public Runnable? Item; // null: cancelled
    }

    private SegmentedQueue<Entry> _entries;
    private long _lastDeadline;
    private int _live;

    public bool IsEmpty => _live == 0;

    public int Count => _live;

    /// <summary>The earliest deadline; only for a run that is not empty.</summary>
    public long FirstDeadline => _entries.First.Deadline;

    /// <summary>The item with the earliest deadline; only for a run that is not empty.</summary>
    public Runnable FirstItem => _entries.First.Item!;

    /// <summary>Whether a deadline can follow those that are here.</summary>
    public bool Fits(long deadline) => _live == 0 || deadline >= _lastDeadline;

    /// <summary>Adds an item behind all others, and notes its position there.</summary>
    public void Add(Runnable item, long deadline)
    {
        item.TimerIndex = PositionOf(_entries.Tail);
        ref var entry = ref _entries.Add();
        entry.Deadline = deadline;
        entry.Item = item;
        _lastDeadline = deadline;
        _live++;
    }

    public long DeadlineOf(Runnable item) => _entries.At(~item.TimerIndex).Deadline;

    public void Remove(Runnable item)
    {
        _entries.At(~item.TimerIndex).Item = null;
        _live--;
        SkipCanceled();
        if (_entries.Count > 2 * _live + MinCanceled)
            Close();
    }

    public Runnable RemoveFirst()
    {
        ref var first = ref _entries.First;
        var item = first.Item!;
        first.Item = null;
        _live--;
        SkipCanceled();
        return item;
    }

    public void Clear()
    {
        for (var position = _entries.Head; position < _entries.Tail; position++)
        {
            if (_entries.At(position).Item is { } item)
                item.TimerIndex = 0;
        }
        _entries.Clear();
        _live = 0;
    }

    // Negative, as positive ones are places in the heap; the low bits of a position are enough to find it.
    private static int PositionOf(long position) => ~(int)(position & int.MaxValue);

    private void SkipCanceled()
    {
        while (_entries.Count > 0 && _entries.First.Item is null)
            _entries.RemoveFirst();
    }

    // More than half are cancelled: the others close up, so that they take no more room than they need.
    private void Close()
    {
        var end = _entries.Head;
        for (var position = end; position < _entries.Tail; position++)
        {
            ref var entry = ref _entries.At(position);
            if (entry.Item is not { } item)
                continue;
            item.TimerIndex = PositionOf(end);
            var moved = entry;
            entry.Item = null;
            _entries.At(end++) = moved;
        }
        _entries.RemoveFrom(end);
    }
}
