using System.Runtime.CompilerServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>Boxes of one kind, last in, first out.</summary>
internal sealed class BoxPool<TBox> : BoxPool
    where TBox : class
{
    // Enough for await chains a thousand deep to allocate nothing, little enough to forget.
    private const int MaxCount = 2048;

    // A struct around the reference spares the covariance check of arrays.
    private struct Slot
    {
        public TBox? Box;
    }

    private Slot[] _slots = new Slot[4];
    private int _count;

    public bool IsFull => _count == MaxCount;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBox? Rent()
    {
        var slots = _slots;
        var last = _count - 1;
        if ((uint)last >= (uint)slots.Length)
            return null;
        _count = last;
        // The slot keeps the reference: in most programs the same box comes back to it, and the store is saved. In debug
        // mode that would keep boxes from being collected that nobody awaits.
        var box = slots[last].Box;
        if (CoroutineOrigin.Tracked)
            slots[last].Box = null;
        return box;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Return(TBox box)
    {
        var slots = _slots;
        var count = _count;
        if ((uint)count < (uint)slots.Length)
        {
            if (!ReferenceEquals(slots[count].Box, box))
                slots[count].Box = box;
            _count = count + 1;
        }
        else
        {
            ReturnToFull(box);
        }
    }

    public override void PutAway() => BoxKind<TBox>.AtHand = null;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReturnToFull(TBox box)
    {
        if (_count == MaxCount)
            return;
        Array.Resize(ref _slots, _count * 2);
        _slots[_count++].Box = box;
    }
}
