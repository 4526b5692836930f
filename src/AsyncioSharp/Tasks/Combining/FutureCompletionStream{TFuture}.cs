using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>A <see cref="CompletionStream"/> of what has no results, or results of several types.</summary>
/// <typeparam name="TFuture">The kind of future.</typeparam>
public sealed class FutureCompletionStream<TFuture> : CompletionStream
    where TFuture : Future
{
    internal FutureCompletionStream((EventLoop Loop, Future[] Futures) futures, TimeSpan? timeout)
        : base(futures, timeout) { }

    /// <summary>For <c>await foreach</c>: the original futures, each when it has completed.</summary>
    public FutureCompletionEnumerator<TFuture> GetAsyncEnumerator() => new(this);

    /// <summary>For <c>foreach</c>: coroutines, each of which waits for the next future and ends as that one did.</summary>
    public IEnumerator<Coroutine> GetEnumerator()
    {
        while (TryLeaveOne())
            yield return EndOfNextAsync();
    }

    private async Coroutine EndOfNextAsync()
    {
        var next = await TakeAsync();
        await next;
    }
}
