using AsyncioSharp.CompilerServices;

namespace AsyncioSharp;

/// <summary>
/// An <see cref="AsyncQueue{T}"/> that gives the element of the smallest priority first, as .NET's
/// <see cref="PriorityQueue{TElement, TPriority}"/> does, and unlike that those of the same priority in the order in which they
/// came. An item is an element with its priority.
/// </summary>
/// <typeparam name="TElement">The elements' type.</typeparam>
/// <typeparam name="TPriority">The priorities' type.</typeparam>
/// <param name="maxSize">How many items it holds at most; zero or less for as many as come.</param>
/// <param name="comparer">Orders the priorities; null for their own order.</param>
public class AsyncPriorityQueue<TElement, TPriority>(int maxSize = 0, IComparer<TPriority>? comparer = null)
    : AsyncQueue<(TElement Element, TPriority Priority)>(maxSize)
{
    private readonly PriorityStore<(TElement Element, TPriority Priority), TPriority> _items = new(comparer ?? Comparer<TPriority>.Default);

    /// <summary>Puts an element, and waits for room if there is none.</summary>
    /// <param name="element">The element.</param>
    /// <param name="priority">Its priority: the smaller, the sooner its turn.</param>
    /// <exception cref="QueueShutDownException">The queue was shut down.</exception>
    public Coroutine PutAsync(TElement element, TPriority priority) => PutAsync((element, priority));

    /// <summary>Puts an element if there is room.</summary>
    /// <param name="element">The element.</param>
    /// <param name="priority">Its priority: the smaller, the sooner its turn.</param>
    /// <exception cref="QueueFullException">There is none.</exception>
    /// <exception cref="QueueShutDownException">The queue was shut down.</exception>
    public void PutNoWait(TElement element, TPriority priority) => PutNoWait((element, priority));

    /// <summary>Puts an element if there is room and the queue was not shut down.</summary>
    /// <param name="element">The element.</param>
    /// <param name="priority">Its priority: the smaller, the sooner its turn.</param>
    /// <returns>False if it was not put.</returns>
    public bool TryPut(TElement element, TPriority priority) => TryPut((element, priority));

    /// <inheritdoc/>
    protected override void AddItem((TElement Element, TPriority Priority) item) => _items.Add(item, item.Priority);

    /// <inheritdoc/>
    protected override (TElement Element, TPriority Priority) RemoveItem() => _items.Remove();
}
