using AsyncioSharp.CompilerServices;

namespace AsyncioSharp;

/// <summary>What <c>await foreach</c> uses to take items from an <see cref="AsyncQueue{T}"/>.</summary>
/// <typeparam name="T">The items' type.</typeparam>
public readonly struct AsyncQueueEnumerator<T>
{
    private readonly QueueAdvance<T> _advance;

    internal AsyncQueueEnumerator(AsyncQueue<T> queue) => _advance = new QueueAdvance<T>(queue);

    /// <summary>The item.</summary>
    public T Current => _advance.Current!;

    /// <summary>Gets the next item, and waits for one if there is none.</summary>
    /// <returns>False when the queue is shut down and empty.</returns>
    public Coroutine<bool> MoveNextAsync() => _advance.WaitAsync();
}
