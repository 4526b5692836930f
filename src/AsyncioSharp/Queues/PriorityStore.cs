namespace AsyncioSharp.CompilerServices;

/// <summary>Items by priority, and those of the same priority in the order in which they came.</summary>
/// <remarks>
/// A binary heap of its own, as .NET's <see cref="PriorityQueue{TElement, TPriority}"/> is broken for good when the comparer throws,
/// which it does for things that cannot be compared. Here all is compared before anything is moved.
/// </remarks>
internal sealed class PriorityStore<TItem, TPriority>(IComparer<TPriority> comparer)
{
    private readonly List<Node> _heap = [];
    private long _count;

    public void Add(TItem item, TPriority priority)
    {
        var node = new Node(item, priority, _count);
        var place = _heap.Count;
        while (place > 0 && IsBefore(node, _heap[Parent(place)]))
            place = Parent(place);
        _count++;
        _heap.Add(node);
        for (var hole = _heap.Count - 1; hole > place; hole = Parent(hole))
            _heap[hole] = _heap[Parent(hole)];
        _heap[place] = node;
    }

    public TItem Remove()
    {
        // The last one fills the gap: as far down as there are smaller ones, which go up.
        var left = _heap.Count - 1;
        var moving = _heap[left];
        var place = 0;
        for (var child = 1; child < left; child = (2 * place) + 1)
        {
            if (child + 1 < left && IsBefore(_heap[child + 1], _heap[child]))
                child++;
            if (!IsBefore(_heap[child], moving))
                break;
            place = child;
        }
        for (; ; place = Parent(place))
        {
            (_heap[place], moving) = (moving, _heap[place]);
            if (place == 0)
                break;
        }
        _heap.RemoveAt(left);
        return moving.Item;
    }

    private static int Parent(int place) => (place - 1) / 2;

    private bool IsBefore(in Node x, in Node y)
    {
        var order = comparer.Compare(x.Priority, y.Priority);
        return order < 0 || (order == 0 && x.Number < y.Number);
    }

    private readonly record struct Node(TItem Item, TPriority Priority, long Number);
}
