using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

public static partial class Asyncio
{
    /// <summary>The task that runs now (<c>asyncio.current_task()</c>); null in a callback, and where no loop runs.</summary>
    public static AsyncioTask? CurrentTask => EventLoop.RunningOrNull?.CurrentTask;

    /// <summary>
    /// The running task's token, for calls into .NET: it is cancelled together with the task. After a cancellation was
    /// delivered the task gets a fresh one, so read it anew for each call.
    /// </summary>
    /// <exception cref="InvalidOperationException">No task runs.</exception>
    public static CancellationToken CancellationToken => EventLoop.RunningTask.Token;

    /// <summary>Makes a task of a coroutine on the running loop (<c>asyncio.create_task()</c>).</summary>
    /// <param name="coroutine">The coroutine. It starts in the loop's next iteration.</param>
    /// <param name="name">The task's name; by default Task-1, Task-2 and so on.</param>
    /// <param name="context">The execution context in which it runs; by default a copy of the current one.</param>
    /// <param name="eagerStart">Whether it runs at once up to its first wait, before this call returns; by default as the loop's task
    /// factory will have it.</param>
    /// <exception cref="InvalidOperationException">No loop runs, or the coroutine was awaited already.</exception>
    public static AsyncioTask CreateTask(Coroutine coroutine, string? name = null, ExecutionContext? context = null, bool? eagerStart = null) =>
        EventLoop.Running.CreateTask(coroutine, name, context, eagerStart);

    /// <inheritdoc cref="CreateTask(Coroutine, string?, ExecutionContext?, bool?)"/>
    /// <typeparam name="T">The result's type.</typeparam>
    public static AsyncioTask<T> CreateTask<T>(
        Coroutine<T> coroutine, string? name = null, ExecutionContext? context = null, bool? eagerStart = null) =>
        EventLoop.Running.CreateTask(coroutine, name, context, eagerStart);

    /// <inheritdoc cref="CreateTask(Coroutine, string?, ExecutionContext?, bool?)"/>
    /// <param name="main">Makes the coroutine, at once: an async lambda, or a method's name.</param>
    /// <param name="name">The task's name; by default Task-1, Task-2 and so on.</param>
    /// <param name="context">The execution context in which it runs; by default a copy of the current one.</param>
    /// <param name="eagerStart">Whether it runs at once up to its first wait, before this call returns; by default as the loop's task
    /// factory will have it.</param>
    public static AsyncioTask CreateTask(Func<Coroutine> main, string? name = null, ExecutionContext? context = null, bool? eagerStart = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        var loop = EventLoop.Running; // first: without one no coroutine is to be made, as nobody could await it
        return loop.CreateTask(main(), name, context, eagerStart);
    }

    /// <inheritdoc cref="CreateTask(Func{Coroutine}, string?, ExecutionContext?, bool?)"/>
    /// <typeparam name="T">The result's type.</typeparam>
    public static AsyncioTask<T> CreateTask<T>(
        Func<Coroutine<T>> main, string? name = null, ExecutionContext? context = null, bool? eagerStart = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        var loop = EventLoop.Running; // first: without one no coroutine is to be made, as nobody could await it
        return loop.CreateTask(main(), name, context, eagerStart);
    }

    /// <summary>
    /// The awaitable itself if it is a future, otherwise a new task for it (<c>asyncio.ensure_future()</c>).
    /// </summary>
    /// <param name="awaitable">A coroutine, task or future.</param>
    /// <exception cref="InvalidOperationException">It is a coroutine that was awaited already, or no loop runs.</exception>
    public static Future EnsureFuture(IAwaitable awaitable)
    {
        ArgumentNullException.ThrowIfNull(awaitable);
        return awaitable as Future ?? awaitable.AsFuture(EventLoop.Running);
    }

    /// <summary>A task for a coroutine, by the name that asyncio has for it (<c>asyncio.ensure_future()</c>).</summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="coroutine">The coroutine.</param>
    /// <exception cref="InvalidOperationException">The coroutine was awaited already, or no loop runs.</exception>
    public static AsyncioTask<T> EnsureFuture<T>(Coroutine<T> coroutine) => CreateTask(coroutine);

    /// <summary>
    /// The tasks of a loop that have not ended (<c>asyncio.all_tasks()</c>). Ask for those of a loop that runs on another thread by way of
    /// that loop (<see cref="EventLoop.CallSoonThreadsafe(Action, ExecutionContext?, Action?)"/>). Those by which a run waits for its own
    /// end are not among them.
    /// </summary>
    /// <param name="loop">The loop; by default the running one.</param>
    /// <exception cref="InvalidOperationException">No loop is given, and none runs on this thread.</exception>
    public static IReadOnlyCollection<AsyncioTask> AllTasks(EventLoop? loop = null) =>
        Array.FindAll((loop ?? EventLoop.Running).AllTasks(), static task => !task.IsHidden);
}
