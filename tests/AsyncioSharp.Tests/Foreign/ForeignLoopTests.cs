using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

/// <summary>
/// The base of suites in which other threads complete what a loop waits for. These waits are real, but nothing waits for
/// time to pass: the other thread acts as soon as the loop's task is parked.
/// </summary>
public abstract class ForeignLoopTests(EventLoop loop) : EachLoop(loop)
{
    protected void Run(Func<Coroutine> main) => Loop.RunUntilComplete(main());

    /// <summary>Has something done on the thread pool, after all that is ready on the loop had its turn.</summary>
    protected void OnPoolSoon(Action action) => Loop.CallSoon(() => ThreadPool.UnsafeQueueUserWorkItem(_ => action(), null));

    /// <summary>A task that another thread completes once the loop's tasks wait.</summary>
    protected Task<int> CompletedOnPool(int result = 42)
    {
        // Without RunContinuationsAsynchronously: whoever waits is called on the other thread.
        var source = new TaskCompletionSource<int>();
        OnPoolSoon(() => source.SetResult(result));
        return source.Task;
    }
}
