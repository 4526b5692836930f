namespace AsyncioSharp.LowLevel;

/// <summary>Makes the tasks of a loop (<c>loop.set_task_factory()</c>). By default it makes what the loop would make.</summary>
public class AsyncioTaskFactory
{
    /// <summary>
    /// Makes every task start eagerly (<c>asyncio.eager_task_factory</c>): at once, up to its first wait. That saves a
    /// turn of the loop, and changes the order of things.
    /// </summary>
    public static AsyncioTaskFactory Eager { get; } = new EagerFactory();

    /// <summary>Makes a task.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="coroutine">The coroutine.</param>
    /// <param name="request">What was asked for.</param>
    public virtual AsyncioTask CreateTask(EventLoop loop, Coroutine coroutine, TaskRequest request)
    {
        ArgumentNullException.ThrowIfNull(loop);
        return loop.MakeTask(coroutine, request);
    }

    /// <summary>Makes a task with a result.</summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="loop">The loop.</param>
    /// <param name="coroutine">The coroutine.</param>
    /// <param name="request">What was asked for.</param>
    public virtual AsyncioTask<T> CreateTask<T>(EventLoop loop, Coroutine<T> coroutine, TaskRequest request)
    {
        ArgumentNullException.ThrowIfNull(loop);
        return loop.MakeTask(coroutine, request);
    }

    private sealed class EagerFactory : AsyncioTaskFactory
    {
        public override AsyncioTask CreateTask(EventLoop loop, Coroutine coroutine, TaskRequest request) =>
            loop.MakeTask(coroutine, request with { EagerStart = request.EagerStart ?? true });

        public override AsyncioTask<T> CreateTask<T>(EventLoop loop, Coroutine<T> coroutine, TaskRequest request) =>
            loop.MakeTask(coroutine, request with { EagerStart = request.EagerStart ?? true });
    }
}
