namespace AsyncioSharp.CompilerServices;

/// <summary>Items by priority, and those of the same priority in the order in which they came.</summary>
internal sealed class PriorityStore<TItem, TPriority>(IComparer<TPriority> comparer)
{
    private readonly PriorityQueue<TItem, (TPriority Priority, long Number)> _items = new(new ByPriorityAndNumber(comparer));
    private long _count;

    public void Add(TItem item, TPriority priority) => _items.Enqueue(item, (priority, _count++));

    public TItem Remove() => _items.Dequeue();

    private sealed class ByPriorityAndNumber(IComparer<TPriority> comparer) : IComparer<(TPriority Priority, long Number)>
    {
        public int Compare((TPriority Priority, long Number) x, (TPriority Priority, long Number) y)
        {
            var order = comparer.Compare(x.Priority, y.Priority);
            return order != 0 ? order : x.Number.CompareTo(y.Number);
        }
    }
}
