using System.Numerics;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// Timers whose deadlines came in ascending order, in a ring: what a program gets that arms timers of one and the same
/// delay, as most timeouts are. Adding one and cancelling one are a store each.
/// </summary>
internal sealed class TimerRun
{
    private struct Entry
    {
        public long Deadline;
        public Runnable? Item; // null: cancelled
    }

    private Entry[] _entries = new Entry[64];
    private uint _head; // positions count on and wrap around; a position's place in the ring is its low bits
    private uint _tail;
    private int _live;

    public bool IsEmpty => _live == 0;

    /// <summary>The earliest deadline; only for a run that is not empty.</summary>
    public long FirstDeadline => First.Deadline;

    /// <summary>The item with the earliest deadline; only for a run that is not empty.</summary>
    public Runnable FirstItem => First.Item!;

    private uint Mask => (uint)_entries.Length - 1;

    private ref Entry First => ref _entries[_head & Mask];

    /// <summary>Whether a deadline can follow those that are here.</summary>
    public bool Fits(long deadline) => _live == 0 || deadline >= _entries[(_tail - 1) & Mask].Deadline;

    /// <summary>Adds an item behind all others, and notes its position there.</summary>
    public void Add(Runnable item, long deadline)
    {
        if (_tail - _head == (uint)_entries.Length)
            MakeRoom();
        ref var entry = ref _entries[_tail & Mask];
        entry.Deadline = deadline;
        entry.Item = item;
        item.TimerIndex = PositionOf(_tail++);
        _live++;
    }

    public void Remove(Runnable item)
    {
        _entries[((uint)~item.TimerIndex) & Mask].Item = null;
        _live--;
        SkipCanceled();
    }

    public Runnable RemoveFirst()
    {
        var item = First.Item!;
        First.Item = null;
        _live--;
        SkipCanceled();
        return item;
    }

    public void Clear()
    {
        foreach (var entry in _entries)
        {
            if (entry.Item is { } item)
                item.TimerIndex = 0;
        }
        Array.Clear(_entries);
        _head = _tail;
        _live = 0;
    }

    // Negative, as positive ones are places in the heap; 31 bits of the position are enough to find the place in the ring.
    private static int PositionOf(uint position) => ~(int)(position & int.MaxValue);

    private void SkipCanceled()
    {
        if (_live == 0)
        {
            _head = _tail;
            return;
        }
        while (First.Item is null)
            _head++;
    }

    private void MakeRoom()
    {
        // Where most are cancelled the ring is long enough: they leave now.
        var size = Math.Max(64u, BitOperations.RoundUpToPowerOf2((uint)_live * 2));
        var entries = new Entry[size];
        var count = 0u;
        for (var position = _head; position != _tail; position++)
        {
            var entry = _entries[position & Mask];
            if (entry.Item is null)
                continue;
            entry.Item.TimerIndex = PositionOf(count);
            entries[count++] = entry;
        }
        _entries = entries;
        _head = 0;
        _tail = count;
    }
}
