namespace AsyncioSharp;

/// <summary>An <see cref="AsyncQueue{T}"/> that gives the newest item first (<c>asyncio.LifoQueue</c>).</summary>
/// <typeparam name="T">The items' type.</typeparam>
/// <param name="maxSize">How many items it holds at most; zero or less for as many as come.</param>
public class AsyncLifoQueue<T>(int maxSize = 0) : AsyncQueue<T>(maxSize)
{
    private readonly Stack<T> _items = new();

    /// <inheritdoc/>
    protected override void AddItem(T item) => _items.Push(item);

    /// <inheritdoc/>
    protected override T RemoveItem() => _items.Pop();
}
