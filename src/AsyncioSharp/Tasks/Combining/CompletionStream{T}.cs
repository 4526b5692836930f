using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>A <see cref="CompletionStream"/> of what has results of one type.</summary>
/// <typeparam name="T">The results' type.</typeparam>
public class CompletionStream<T> : CompletionStream
{
    internal CompletionStream((EventLoop Loop, Future[] Futures) futures, TimeSpan? timeout)
        : base(futures, timeout) { }

    /// <summary>For <c>await foreach</c>: the original futures, each when it has completed.</summary>
    public CompletionEnumerator<T> GetAsyncEnumerator() => new(this);

    /// <summary>For <c>foreach</c>: coroutines, each of which waits for the next future and ends as that one did.</summary>
    public IEnumerator<Coroutine<T>> GetEnumerator()
    {
        while (TryLeaveOne())
            yield return ResultOfNextAsync();
    }

    private async Coroutine<T> ResultOfNextAsync()
    {
        var next = (IAwaitable<T>)await TakeAsync();
        return await next;
    }
}
