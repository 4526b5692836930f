namespace AsyncioSharp;

/// <summary>What <c>await foreach</c> uses to take items from a <see cref="SharedQueue{T}"/>.</summary>
/// <typeparam name="T">The items' type.</typeparam>
public sealed class SharedQueueEnumerator<T>
{
    private readonly SharedQueue<T> _queue;

    internal SharedQueueEnumerator(SharedQueue<T> queue) => _queue = queue;

    /// <summary>The item.</summary>
    public T Current { get; private set; } = default!;

    /// <summary>Gets the next item, and waits for one if there is none.</summary>
    /// <returns>False when the queue is shut down and empty.</returns>
    /// <exception cref="QueueShutDownException">It was shut down because of a failure, which is the inner exception.</exception>
    public async Coroutine<bool> MoveNextAsync()
    {
        try
        {
            Current = await _queue.GetAsync();
            return true;
        }
        catch (QueueShutDownException e) when (e.InnerException is null)
        {
            return false;
        }
    }
}
