using AsyncioSharp.CompilerServices;

namespace AsyncioSharp;

/// <summary>
/// An <see cref="AsyncQueue{T}"/> that gives the smallest item first (<c>asyncio.PriorityQueue</c>), and equal ones in the
/// order in which they came.
/// </summary>
/// <typeparam name="T">The items' type.</typeparam>
/// <param name="maxSize">How many items it holds at most; zero or less for as many as come.</param>
/// <param name="comparer">Orders the items; null for their own order.</param>
public class AsyncPriorityQueue<T>(int maxSize = 0, IComparer<T>? comparer = null) : AsyncQueue<T>(maxSize)
{
    private readonly PriorityStore<T, T> _items = new(comparer ?? Comparer<T>.Default);

    /// <inheritdoc/>
    protected override void AddItem(T item) => _items.Add(item, item);

    /// <inheritdoc/>
    protected override T RemoveItem() => _items.Remove();
}
