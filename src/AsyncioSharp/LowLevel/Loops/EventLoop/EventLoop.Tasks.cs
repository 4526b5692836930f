using AsyncioSharp.CompilerServices;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    // Ids are taken from the process in runs, as an interlocked increment for each task would cost a tenth of its price.
    private const int IdRun = 64;

    private static int s_lastId;
    private int _nextId;
    private int _idsEnd;

    /// <summary>
    /// Makes the tasks of this loop in place of the loop itself (<c>loop.set_task_factory()</c>); null for none. It is
    /// called with the loop, the coroutine and what was asked for, and may call <see cref="MakeTask(Coroutine, TaskRequest)"/>.
    /// </summary>
    public AsyncioTaskFactory? TaskFactory { get; set; }

    /// <summary>Makes a future of this loop, to be set by hand (<c>loop.create_future()</c>).</summary>
    /// <typeparam name="T">The result's type.</typeparam>
    public Future<T> CreateFuture<T>()
    {
        var future = new Future<T>(this);
        if (_debug)
            Origins!.Note(future);
        return future;
    }

    /// <summary>Makes a task of a coroutine (<c>loop.create_task()</c>). It starts in the next iteration.</summary>
    /// <param name="coroutine">The coroutine; it must not have been awaited.</param>
    /// <param name="name">Its name; by default Task-1, Task-2 and so on.</param>
    /// <param name="context">The execution context in which it runs; by default a copy of the current one.</param>
    /// <param name="eagerStart">Whether it runs at once up to its first wait, before this call returns; by default as the loop's task
    /// factory will have it.</param>
    /// <exception cref="InvalidOperationException">The coroutine was awaited already.</exception>
    /// <exception cref="ObjectDisposedException">The loop is closed.</exception>
    public AsyncioTask CreateTask(Coroutine coroutine, string? name = null, ExecutionContext? context = null, bool? eagerStart = null) =>
        CreateTask(coroutine, new TaskRequest(name, context, eagerStart));

    /// <inheritdoc cref="CreateTask(Coroutine, string?, ExecutionContext?, bool?)"/>
    /// <typeparam name="T">The result's type.</typeparam>
    public AsyncioTask<T> CreateTask<T>(Coroutine<T> coroutine, string? name = null, ExecutionContext? context = null, bool? eagerStart = null) =>
        CreateTask(coroutine, new TaskRequest(name, context, eagerStart));

    /// <summary>Makes a task without asking the <see cref="TaskFactory"/>; for factories.</summary>
    /// <param name="coroutine">The coroutine.</param>
    /// <param name="request">What was asked for.</param>
    public AsyncioTask MakeTask(Coroutine coroutine, TaskRequest request)
    {
        var root = coroutine.Source?.AsBox;
        if (root is null)
            root = (CoroutineBox)Wrap(coroutine).Source!;
        else
            Claim(root, coroutine.Token);
        var task = new VoidTask(this, root, request.Name, ContextToKeep(request.Context));
        Start(task, request);
        return task;

        static async Coroutine Wrap(Coroutine coroutine) => await coroutine;
    }

    /// <inheritdoc cref="MakeTask(Coroutine, TaskRequest)"/>
    /// <typeparam name="T">The result's type.</typeparam>
    public AsyncioTask<T> MakeTask<T>(Coroutine<T> coroutine, TaskRequest request)
    {
        var root = coroutine.Source?.AsBox;
        if (root is null)
            root = (CoroutineBox)Wrap(coroutine).Source!;
        else
            Claim(root, coroutine.Token);
        var task = new AsyncioTask<T>(this, root, request.Name, ContextToKeep(request.Context));
        Start(task, request);
        return task;

        static async Coroutine<T> Wrap(Coroutine<T> coroutine) => await coroutine;
    }

    /// <summary>
    /// Runs a piece of .NET's own asynchronous code on behalf of a task; for libraries that carry such code on a loop. Meanwhile
    /// the task is the current one, what the code captures brings it back to the loop and the task, and cancelling the task
    /// cancels what the code waits for. Called on the loop's thread, outside of any task's step.
    /// </summary>
    /// <param name="task">The task, which waits for that code to end; if it has ended itself, nobody is current. Null for nobody: the code
    /// runs as a callback of the loop does, also when this is called while a task is the current one.</param>
    /// <param name="callback">The code, up to its next wait.</param>
    /// <param name="state">What it is called with.</param>
    /// <exception cref="ArgumentException">The task belongs to another loop.</exception>
    /// <exception cref="InvalidOperationException">The loop does not run on this thread.</exception>
    public void RunOnBehalfOf(AsyncioTask? task, SendOrPostCallback callback, object? state)
    {
        ArgumentNullException.ThrowIfNull(callback);
        if (task is not null && !ReferenceEquals(task.Loop, this))
            throw new ArgumentException($"{task.Name} belongs to another loop. Run the code on the task's own.", nameof(task));
        if (!IsOnThread)
        {
            throw new InvalidOperationException(
                "Code can run on behalf of a task only on the thread of its loop. From other threads, use CallSoonThreadsafe.");
        }
        if (task is null)
            ForeignSegment.RunForNobody(this, _synchronizationContext, callback, state);
        else
            ForeignSegment.Run(this, task.SynchronizationContext, callback, state);
    }

    internal AsyncioTask CreateTask(Coroutine coroutine, in TaskRequest request)
    {
        if (IsClosed)
            coroutine.Discard(); // refused below, and not forgotten
        CheckSchedule();
        return TaskFactory is { } factory ? factory.CreateTask(this, coroutine, request) : MakeTask(coroutine, request);
    }

    internal AsyncioTask<T> CreateTask<T>(Coroutine<T> coroutine, in TaskRequest request)
    {
        if (IsClosed)
            ((Coroutine)coroutine).Discard();
        CheckSchedule();
        return TaskFactory is { } factory ? factory.CreateTask(this, coroutine, request) : MakeTask(coroutine, request);
    }

    /// <summary>The task that runs on this thread.</summary>
    /// <exception cref="InvalidOperationException">None does.</exception>
    internal static AsyncioTask RunningTask => Running.CurrentTask ?? throw new InvalidOperationException(
        "No task runs: this is a callback of the loop. Call this from a coroutine.");

    /// <summary>The tasks that pass a request to cancel on: to which it may come back, as they wait for each other in a circle.</summary>
    internal List<AsyncioTask> PassingCancelOn { get; } = [];

    /// <summary>The live tasks.</summary>
    internal AsyncioTask[] AllTasks() => Tasks.ToArray();

    internal int NextTaskId()
    {
        if (_nextId == _idsEnd)
        {
            _idsEnd = Interlocked.Add(ref s_lastId, IdRun);
            _nextId = _idsEnd - IdRun;
        }
        return ++_nextId & int.MaxValue; // from the beginning, after two thousand million tasks
    }

    /// <summary>Starts, at once, a coroutine that .NET's asynchronous code awaits; that code takes its outcome.</summary>
    internal AsyncioTask StartBorrowed(CoroutineBox root)
    {
        var name = CurrentTask is { } owner ? $"{owner.Name} (in async code)" : null;
        var task = new VoidTask(this, root, name, ContextToKeep(null));
        task.Flags |= FutureFlags.RootIsBorrowed;
        if (((SynchronizationContext.Current as TaskSynchronizationContext)?.Task ?? CurrentTask) is { } borrower)
            task.RunsFor = borrower.RunsFor;
        Start(task, new TaskRequest(EagerStart: true));
        return task;
    }

    private void Start(AsyncioTask task, in TaskRequest request)
    {
        Tasks.Add(task);
        Counters.TasksCreated++;
        if (TracedActivities != TracedActivities.None || TelemetryOnDemand.WritesEvents)
            task.NoteStart();
        if (request.Scope is { } scope)
            task.JoinScope(scope); // before an eager task opens scopes of its own inside
        if (_debug)
            Origins!.Note(task);
        if (request.EagerStart is true && IsOnThread)
            task.RunEagerly();
        else
            task.MakeReady();
    }

    // From here on the box is the task's: the coroutine can neither be awaited nor become another task, also as long as the
    // task has not begun.
    private static void Claim(CoroutineBox root, long token)
    {
        if (!root.CanBegin(token))
            throw CoroutineSource.Misused();
        root.Version++;
    }
}
