namespace AsyncioSharp;

/// <summary>What <c>await foreach</c> uses to take items from an <see cref="AsyncQueue{T}"/>.</summary>
/// <typeparam name="T">The items' type.</typeparam>
public sealed class AsyncQueueEnumerator<T>
{
    private readonly AsyncQueue<T> _queue;

    internal AsyncQueueEnumerator(AsyncQueue<T> queue) => _queue = queue;

    /// <summary>The item.</summary>
    public T Current { get; private set; } = default!;

    /// <summary>Gets the next item, and waits for one if there is none.</summary>
    /// <returns>False when the queue is shut down and empty.</returns>
    public async Coroutine<bool> MoveNextAsync()
    {
        for (; ; )
        {
            if (_queue.TryGet(out var item))
            {
                Current = item;
                return true;
            }
            if (_queue.IsShutDown)
                return false;
            await _queue.WaitUntilNotEmptyAsync();
        }
    }
}
