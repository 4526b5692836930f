using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// Tasks that live no longer than the block that made them (<c>asyncio.TaskGroup</c>). The block ends when all of them
/// have. If one fails, the others and the block are cancelled, and an <see cref="AggregateException"/> with all failures
/// is thrown.
/// </summary>
public sealed partial class TaskGroup
{
    private readonly EventLoop _loop;
    private readonly AsyncioTask _parent;
    private readonly HashSet<AsyncioTask> _tasks = new(ReferenceEqualityComparer.Instance);
    private readonly List<(string? Task, Exception Exception)> _failures = [];
    private Future<bool>? _allEnded;
    private bool _leaving;
    private bool _aborting;
    private bool _parentCancelRequested;

    private TaskGroup()
    {
        _parent = Asyncio.RequireTask();
        _loop = _parent.Loop;
    }

    /// <summary>Runs a block with a group, and then waits for the group's tasks.</summary>
    /// <param name="body">The block. It runs in the same task.</param>
    /// <exception cref="AggregateException">Tasks of the group, or the block, have failed.</exception>
    public static Coroutine RunAsync(Func<TaskGroup, Coroutine> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return RunCore(async group =>
        {
            await body(group);
            return true;
        });
    }

    /// <inheritdoc cref="RunAsync(Func{TaskGroup, Coroutine})"/>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <returns>What the block returned. If the group was cancelled with <see cref="Cancel"/> before the block returned,
    /// the type's default.</returns>
    public static Coroutine<T> RunAsync<T>(Func<TaskGroup, Coroutine<T>> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return RunCore(body);
    }

    /// <summary>Makes a task in the group (<c>TaskGroup.create_task()</c>).</summary>
    /// <param name="coroutine">The coroutine.</param>
    /// <param name="name">The task's name; by default Task-1, Task-2 and so on.</param>
    /// <param name="context">The execution context in which it runs; by default a copy of the current one.</param>
    /// <param name="eagerStart">Whether it runs at once up to its first wait, before this call returns; by default as the loop's task factory will have it.</param>
    /// <exception cref="InvalidOperationException">The group has ended or is being cancelled.</exception>
    public AsyncioTask CreateTask(Coroutine coroutine, string? name = null, ExecutionContext? context = null, bool? eagerStart = null)
    {
        CheckOpen(coroutine);
        return Adopt(_loop.CreateTask(coroutine, name, context, eagerStart));
    }

    /// <inheritdoc cref="CreateTask(Coroutine, string?, ExecutionContext?, bool?)"/>
    /// <typeparam name="T">The result's type.</typeparam>
    public AsyncioTask<T> CreateTask<T>(Coroutine<T> coroutine, string? name = null, ExecutionContext? context = null, bool? eagerStart = null)
    {
        CheckOpen(coroutine);
        return Adopt(_loop.CreateTask(coroutine, name, context, eagerStart));
    }

    /// <summary>Makes a task in the group, for whoever has no use for the task itself.</summary>
    /// <param name="coroutine">The coroutine.</param>
    /// <param name="name">The task's name; by default Task-1, Task-2 and so on.</param>
    /// <exception cref="InvalidOperationException">The group has ended or is being cancelled.</exception>
    public void StartSoon(Coroutine coroutine, string? name = null) => CreateTask(coroutine, name);

    /// <summary>
    /// Ends the group early and without an exception (<c>TaskGroup.cancel()</c>): its tasks are cancelled, and so is the
    /// block if it still runs. After the end it does nothing.
    /// </summary>
    public void Cancel()
    {
        _loop.CheckThread();
        if (_leaving && _tasks.Count == 0)
            return;
        Abort();
        // A block that has ended waits for the tasks only, and they are cancelled.
        if (!_leaving)
            CancelParent();
    }

    private static async Coroutine<T> RunCore<T>(Func<TaskGroup, Coroutine<T>> body)
    {
        var group = new TaskGroup();
        T result = default!;
        Exception? exception = null;
        try
        {
            result = await body(group);
        }
        catch (Exception e)
        {
            exception = e;
        }
        await group.LeaveAsync(exception);
        return result;
    }

    private TTask Adopt<TTask>(TTask task)
        where TTask : AsyncioTask
    {
        _tasks.Add(task);
        // Always through the loop, for a task too that an eager start has ended.
        task.AddCallback(new Child(this, task));
        // The first step of an eager task may have cancelled the group: the task must not outlive that.
        if (_aborting)
            task.Cancel();
        return task;
    }

    private void CheckOpen(Coroutine coroutine)
    {
        _loop.CheckThread();
        if (!_aborting && !(_leaving && _tasks.Count == 0))
            return;
        coroutine.Discard();
        throw new InvalidOperationException(_aborting
            ? "The task group is shutting down, because it was cancelled or one of its tasks has failed. It takes no more tasks."
            : "The task group has ended. It takes no more tasks.");
    }

    private void ChildEnded(AsyncioTask task)
    {
        _tasks.Remove(task);
        if (_tasks.Count == 0)
            _allEnded?.TrySetResult(true);
        if (task.IsCanceled || task.Exception is not { } failure)
            return;
        _failures.Add((task.Name, failure));
        if (_aborting || _parentCancelRequested)
            return;
        Abort();
        CancelParent();
    }

    private void Abort()
    {
        if (_aborting)
            return;
        _aborting = true;
        foreach (var task in _tasks.ToArray())
            task.Cancel();
    }

    private void CancelParent()
    {
        if (_parentCancelRequested)
            return;
        _parentCancelRequested = true;
        _parent.Cancel();
    }

    private sealed class Child(TaskGroup group, AsyncioTask task) : Runnable
    {
        internal override Future? OnBehalfOf => group._parent;

        internal override void Run() => group.ChildEnded(task);
    }
}
