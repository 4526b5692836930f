using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// The FIFO of what runs next: a ring of <see cref="Runnable"/>s and plain <see cref="Action"/>s. A position never
/// changes its meaning, so that whoever enqueued can take an action back by its position.
/// </summary>
internal struct ReadyQueue
{
    // A struct around the reference spares the covariance check that storing into an object[] costs.
    private struct Slot
    {
        public object? Item;
    }

    private Slot[] _slots;
    private int _mask;
    private long _head;
    private long _tail;

    public ReadyQueue(int capacity)
    {
        Debug.Assert((capacity & (capacity - 1)) == 0);
        _slots = new Slot[capacity];
        _mask = capacity - 1;
        _head = _tail = 0;
    }

    /// <summary>How many places are taken, those of withdrawn actions among them.</summary>
    public readonly int Count => (int)(_tail - _head);

    /// <summary>The position of what is enqueued next.</summary>
    public readonly long Tail => _tail;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Enqueue(object item)
    {
        var slots = _slots;
        var index = (int)_tail & _mask;
        if (_tail - _head < slots.Length && (uint)index < (uint)slots.Length)
        {
            slots[index].Item = item;
            _tail++;
            return;
        }
        Grow();
        _slots[(int)_tail++ & _mask].Item = item;
    }

    /// <summary>Takes the oldest out; null where an action was withdrawn. The queue must not be empty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public object? Dequeue()
    {
        ref var slot = ref _slots[(int)_head & _mask];
        var item = slot.Item;
        slot.Item = null;
        _head++;
        return item;
    }

    /// <summary>Withdraws the action at a position; false if it has run, runs or was withdrawn.</summary>
    public bool Withdraw(long position)
    {
        if (position < _head)
            return false;
        ref var slot = ref _slots[(int)position & _mask];
        if (slot.Item is null)
            return false;
        slot.Item = null;
        return true;
    }

    /// <summary>Whether an action still stands at a position.</summary>
    public readonly bool IsWaiting(long position) =>
        position >= _head && _slots[(int)position & _mask].Item is not null;

    /// <summary>Drops everything.</summary>
    public void Clear()
    {
        Array.Clear(_slots);
        _head = _tail;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow()
    {
        var bigger = new Slot[_slots.Length * 2];
        var mask = bigger.Length - 1;
        for (var position = _head; position < _tail; position++)
            bigger[(int)position & mask] = _slots[(int)position & _mask];
        _slots = bigger;
        _mask = mask;
    }
}
