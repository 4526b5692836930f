using System.Runtime.CompilerServices;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// The FIFO of what runs next: <see cref="Runnable"/>s and plain <see cref="Action"/>s. Whoever enqueued an action can take
/// it back by its position.
/// </summary>
internal struct ReadyQueue
{
    private struct Slot
    {
        public object? Item; // null: withdrawn
    }

    private SegmentedQueue<Slot> _slots;

    /// <summary>How many places are taken, those of withdrawn actions among them.</summary>
    public readonly int Count => _slots.Count;

    /// <summary>The position of the oldest.</summary>
    public readonly long Head => _slots.Head;

    /// <summary>The position of what is enqueued next.</summary>
    public readonly long Tail => _slots.Tail;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Enqueue(object item) => _slots.Add().Item = item;

    /// <summary>Takes the oldest out; null where an action was withdrawn. The queue must not be empty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public object? Dequeue()
    {
        ref var slot = ref _slots.First;
        var item = slot.Item;
        slot.Item = null;
        _slots.RemoveFirst();
        return item;
    }

    /// <summary>Withdraws the action at a position; false if it has run, runs or was withdrawn.</summary>
    public bool Withdraw(long position)
    {
        if (!IsWaiting(position))
            return false;
        _slots.At(position).Item = null;
        return true;
    }

    /// <summary>Whether an action still stands at a position.</summary>
    public readonly bool IsWaiting(long position) =>
        position >= _slots.Head && position < _slots.Tail && _slots.At(position).Item is not null;

    /// <summary>Drops everything.</summary>
    public void Clear() => _slots.Clear();
}
