namespace AsyncioSharp.LowLevel;

/// <summary>
/// Timers in any order of deadlines: a four-ary heap in one array. Each member knows its place, so that a cancelled timer
/// leaves at once instead of waiting for its deadline.
/// </summary>
internal sealed class TimerHeap
{
    private const int Arity = 4;

    private struct Entry
    {
        public long Deadline;
        public Runnable Item;
    }

    private Entry[]? _entries; // made with the first timer; no empty array, as .NET loads a type for each
    private int _count;

    public bool IsEmpty => _count == 0;

    public int Count => _count;

    /// <summary>The earliest deadline; only for a heap that is not empty.</summary>
    public long FirstDeadline => _entries![0].Deadline;

    /// <summary>The item with the earliest deadline; only for a heap that is not empty.</summary>
    public Runnable FirstItem => _entries![0].Item;

    public void Add(Runnable item, long deadline)
    {
        if (_entries is null || _count == _entries.Length)
            Array.Resize(ref _entries, Math.Max(64, _count * 2));
        Rise(_count++, new Entry { Deadline = deadline, Item = item });
    }

    public long DeadlineOf(Runnable item) => _entries![item.TimerIndex - 1].Deadline;

    public void Remove(Runnable item) => RemoveAt(item.TimerIndex - 1);

    public Runnable RemoveFirst()
    {
        var item = _entries![0].Item;
        RemoveAt(0);
        return item;
    }

    public void Clear()
    {
        if (_count == 0)
            return;
        for (var i = 0; i < _count; i++)
            _entries![i].Item.TimerIndex = 0;
        Array.Clear(_entries!, 0, _count);
        _count = 0;
    }

    private void RemoveAt(int index)
    {
        var last = _entries![--_count];
        _entries[_count] = default;
        if (index == _count)
            return;
        if (index > 0 && Before(last, _entries[(index - 1) / Arity]))
            Rise(index, last);
        else
            Sink(index, last);
    }

    private void Rise(int index, Entry entry)
    {
        var entries = _entries!;
        while (index > 0)
        {
            var parent = (index - 1) / Arity;
            if (!Before(entry, entries[parent]))
                break;
            Place(index, entries[parent]);
            index = parent;
        }
        Place(index, entry);
    }

    private void Sink(int index, Entry entry)
    {
        var entries = _entries!;
        for (; ; )
        {
            var first = index * Arity + 1;
            if (first >= _count)
                break;
            var least = first;
            var end = Math.Min(first + Arity, _count);
            for (var child = first + 1; child < end; child++)
            {
                if (Before(entries[child], entries[least]))
                    least = child;
            }
            if (!Before(entries[least], entry))
                break;
            Place(index, entries[least]);
            index = least;
        }
        Place(index, entry);
    }

    private void Place(int index, Entry entry)
    {
        _entries![index] = entry;
        entry.Item.TimerIndex = index + 1;
    }

    // The difference of two orders is right across their wrap-around, as long as no two live timers of one deadline
    // are 2^31 armings apart.
    private static bool Before(in Entry a, in Entry b) =>
        a.Deadline < b.Deadline || (a.Deadline == b.Deadline && a.Item.TimerOrder - b.Item.TimerOrder < 0);
}
