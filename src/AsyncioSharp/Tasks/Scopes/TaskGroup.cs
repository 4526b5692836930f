using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// Tasks that live no longer than the block that made them (<c>asyncio.TaskGroup</c>). The block ends when all of them
/// have. If one fails, the others and the block are cancelled, and a <see cref="TaskGroupException"/> with all failures
/// is thrown.
/// </summary>
public sealed partial class TaskGroup
{
    private readonly EventLoop _loop;
    private readonly AsyncioTask _parent;
    private readonly CancelScope? _shield;
    private readonly CancelScope? _scope;
    private readonly TaskGroupOptions? _options;
    private readonly HashSet<AsyncioTask> _tasks = new(ReferenceEqualityComparer.Instance);
    private readonly List<TaskGroupException.Failure> _failures = [];
    private int _taskCount;
    private ParkingLot? _allEnded;
    private bool _leaving;
    private bool _aborting;
    private bool _parentCancelRequested;
    private TaskGroup? _nextGroup;

    private TaskGroup(TaskGroupOptions? options)
    {
        _parent = EventLoop.RunningTask;
        _loop = _parent.Loop;
        _shield = _parent.Shield;
        _scope = _parent.Scope;
        _options = options;
        _places = options?.MaxConcurrency is { } max ? new AsyncSemaphore(max) : null;
    }

    /// <summary>The one that was opened before it in the same cancel scope, of those that are still open.</summary>
    internal TaskGroup? PreviousGroup { get; private set; }

    private bool HasEnded => _leaving && _tasks.Count == 0;

    /// <summary>Runs a block with a group, and then waits for the group's tasks.</summary>
    /// <param name="body">The block. It runs in the same task.</param>
    /// <param name="options">What the group does otherwise than usual.</param>
    /// <exception cref="TaskGroupException">Tasks of the group, or the block, have failed. It is an
    /// <see cref="AggregateException"/>.</exception>
    public static Coroutine RunAsync(Func<TaskGroup, Coroutine> body, TaskGroupOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        return RunCoreAsync(async group =>
        {
            await body(group);
            return true;
        }, options);
    }

    /// <inheritdoc cref="RunAsync(Func{TaskGroup, Coroutine}, TaskGroupOptions?)"/>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <returns>What the block returned. If the group was cancelled with <see cref="Cancel"/> before the block returned,
    /// the type's default.</returns>
    public static Coroutine<T> RunAsync<T>(Func<TaskGroup, Coroutine<T>> body, TaskGroupOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        return RunCoreAsync(body, options);
    }

    /// <summary>Makes a task in the group (<c>TaskGroup.create_task()</c>). It never waits: where the group bounds how many
    /// tasks run, the task waits for its turn.</summary>
    /// <param name="coroutine">The coroutine.</param>
    /// <param name="name">The task's name; by default Task-1, Task-2 and so on.</param>
    /// <param name="context">The execution context in which it runs; by default a copy of the current one.</param>
    /// <param name="eagerStart">Whether it runs at once up to its first wait, before this call returns; by default as the loop's task
    /// factory will have it.</param>
    /// <exception cref="InvalidOperationException">The group has ended or is being cancelled.</exception>
    public AsyncioTask CreateTask(Coroutine coroutine, string? name = null, ExecutionContext? context = null, bool? eagerStart = null)
    {
        CheckOpen(coroutine);
        var running = _places is null ? coroutine : RunInTurn(coroutine);
        return Adopt(_loop.CreateTask(running, new TaskRequest(name, context, eagerStart) { Scope = _scope }), coroutine);
    }

    /// <inheritdoc cref="CreateTask(Coroutine, string?, ExecutionContext?, bool?)"/>
    /// <typeparam name="T">The result's type.</typeparam>
    public AsyncioTask<T> CreateTask<T>(Coroutine<T> coroutine, string? name = null, ExecutionContext? context = null, bool? eagerStart = null)
    {
        CheckOpen(coroutine);
        var running = _places is null ? coroutine : RunInTurn(coroutine);
        return Adopt(_loop.CreateTask(running, new TaskRequest(name, context, eagerStart) { Scope = _scope }), coroutine);
    }

    /// <inheritdoc cref="CreateTask(Coroutine, string?, ExecutionContext?, bool?)"/>
    /// <param name="main">Makes the coroutine, at once: an async lambda, or a method's name.</param>
    /// <param name="name">The task's name; by default Task-1, Task-2 and so on.</param>
    /// <param name="context">The execution context in which it runs; by default a copy of the current one.</param>
    /// <param name="eagerStart">Whether it runs at once up to its first wait, before this call returns; by default as the loop's task
    /// factory will have it.</param>
    public AsyncioTask CreateTask(Func<Coroutine> main, string? name = null, ExecutionContext? context = null, bool? eagerStart = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        return CreateTask(main(), name, context, eagerStart);
    }

    /// <inheritdoc cref="CreateTask(Func{Coroutine}, string?, ExecutionContext?, bool?)"/>
    /// <typeparam name="T">The result's type.</typeparam>
    public AsyncioTask<T> CreateTask<T>(Func<Coroutine<T>> main, string? name = null, ExecutionContext? context = null, bool? eagerStart = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        return CreateTask(main(), name, context, eagerStart);
    }

    /// <summary>Makes a task in the group, for whoever has no use for the task itself.</summary>
    /// <param name="coroutine">The coroutine.</param>
    /// <param name="name">The task's name; by default Task-1, Task-2 and so on.</param>
    /// <exception cref="InvalidOperationException">The group has ended or is being cancelled.</exception>
    public void StartSoon(Coroutine coroutine, string? name = null) => CreateTask(coroutine, name);

    /// <inheritdoc cref="StartSoon(Coroutine, string?)"/>
    /// <param name="main">Makes the coroutine, at once: an async lambda, or a method's name.</param>
    /// <param name="name">The task's name; by default Task-1, Task-2 and so on.</param>
    public void StartSoon(Func<Coroutine> main, string? name = null) => CreateTask(main, name);

    /// <summary>
    /// Ends the group early and without an exception (<c>TaskGroup.cancel()</c>): its tasks are cancelled, and so is the
    /// block if it still runs. After the end it does nothing.
    /// </summary>
    public void Cancel()
    {
        _loop.CheckThread();
        if (HasEnded)
            return;
        Abort();
        // A block that has ended waits for the tasks only, and they are cancelled.
        if (!_leaving)
            CancelParent();
    }

    /// <summary>Its class, and how many of its tasks have not ended.</summary>
    public override string ToString() => $"TaskGroup [tasks:{_tasks.Count}]";

    internal void AddTasks(Stack<AsyncioTask> stack)
    {
        foreach (var task in _tasks)
            stack.Push(task);
    }

    private static async Coroutine<T> RunCoreAsync<T>(Func<TaskGroup, Coroutine<T>> body, TaskGroupOptions? options)
    {
        var group = new TaskGroup(options);
        group.EnterScope();
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

    private void EnterScope()
    {
        if (_scope is null)
            return;
        PreviousGroup = _scope.LastGroup;
        if (PreviousGroup is not null)
            PreviousGroup._nextGroup = this;
        _scope.LastGroup = this;
    }

    // Not always the last one: several tasks can have groups open in the scope to which all of them belong.
    private void LeaveScope()
    {
        if (_scope is null)
            return;
        if (_nextGroup is null)
            _scope.LastGroup = PreviousGroup;
        else
            _nextGroup.PreviousGroup = PreviousGroup;
        if (PreviousGroup is not null)
            PreviousGroup._nextGroup = _nextGroup;
    }

    private void CheckOpen(Coroutine coroutine)
    {
        _loop.CheckThread();
        if (!_aborting && !HasEnded)
            return;
        coroutine.Discard();
        throw new InvalidOperationException(_aborting
            ? "The task group is shutting down, because it was cancelled or one of its tasks has failed. It takes no more tasks."
            : "The task group has ended. It takes no more tasks.");
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
        _parent.CancelFromInside(_shield);
    }
}
