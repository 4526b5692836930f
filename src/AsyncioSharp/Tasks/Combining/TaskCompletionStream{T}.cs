using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>A <see cref="CompletionStream{T}"/> of tasks: they come out as what they went in.</summary>
/// <typeparam name="T">The results' type.</typeparam>
public sealed class TaskCompletionStream<T> : CompletionStream<T>
{
    internal TaskCompletionStream((EventLoop Loop, Future[] Futures) tasks, TimeSpan? timeout)
        : base(tasks, timeout) { }

    /// <summary>For <c>await foreach</c>: the tasks, each when it has completed.</summary>
    public new FutureCompletionEnumerator<AsyncioTask<T>> GetAsyncEnumerator() => new(this);
}
