using System.Runtime.CompilerServices;
using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// A coroutine that runs on a loop by itself, beside others (<c>asyncio.Task</c>).
/// <see cref="Asyncio.CreateTask(Coroutine, string?, ExecutionContext?, bool?)"/> and <see cref="TaskGroup"/> make them. The loop keeps
/// every task alive until it has ended.
/// </summary>
public abstract partial class AsyncioTask : Future
{
    /// <summary>What the task is parked at; null while it runs or has not started.</summary>
    internal IWaitTarget? WaitingOn;

    internal AsyncioTask? PreviousWaiter;
    internal AsyncioTask? NextWaiter;

    /// <summary>Its place in the loop's registry.</summary>
    internal int RegistryIndex;

    private readonly int _id;
    private int _cancelRequests;
    private TaskExtras? _extras;

    private protected AsyncioTask(EventLoop loop, CoroutineBox root, string? name, ExecutionContext? context)
        : base(loop)
    {
        Frame = root;
        root.BeginOn(loop);
        _id = loop.NextTaskId();
        if (name is not null)
            Extras.Name = name;
        if (context is not null)
            SetContext(context);
    }

    /// <summary>Its name: given, or Task-1, Task-2 and so on (<c>Task.get_name()</c>, <c>Task.set_name()</c>).</summary>
    public string Name
    {
        get => _extras?.Name ?? $"Task-{_id}";
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Extras.Name = value;
        }
    }

    /// <summary>How many requests to cancel it have not been taken back (<c>Task.cancelling()</c>). That it is in a cancelled
    /// <see cref="CancelScope"/> counts as one, which only the scope's end takes back.</summary>
    public int CancelRequests => _cancelRequests + (IsInCanceledScope ? 1 : 0);

    /// <summary>
    /// The execution context in which it runs, with what it wrote to it so far; null if that is the loop's own
    /// (<c>Task.get_context()</c>). <see cref="AsyncLocal{T}"/>s are what Python's context variables are.
    /// </summary>
    public ExecutionContext? Context => _extras?.Context;

    /// <summary>The innermost frame: the one that runs next, or that waits; only until the task has completed.</summary>
    internal CoroutineBox Frame
    {
        get => Unsafe.As<CoroutineBox>(Content!);
        set => Content = value;
    }

    internal sealed override bool PassesCancelOn => true;

    internal bool IsScheduled => (Flags & FutureFlags.Scheduled) != 0;

    /// <summary>Whether it was asked to cancel and its coroutine has not seen that yet.</summary>
    internal bool HasPendingCancel => (Flags & FutureFlags.MustCancel) != 0;

    /// <summary>Whether it is the loop's own (<see cref="Hide"/>).</summary>
    internal bool IsHidden => (Flags & FutureFlags.Hidden) != 0;

    internal bool HasBorrowedRoot => (Flags & FutureFlags.RootIsBorrowed) != 0;

    /// <summary>
    /// The task whose code it runs: itself, unless it was started for a coroutine that .NET's asynchronous code awaits on behalf
    /// of another one.
    /// </summary>
    internal AsyncioTask RunsFor
    {
        get => _extras?.RunsFor ?? this;
        set => Extras.RunsFor = value;
    }

    internal TaskSynchronizationContext SynchronizationContext =>
        Extras.SynchronizationContext ??= new TaskSynchronizationContext(Loop, this);

    private protected override string Label => $"{Name}:";

    private TaskExtras Extras => _extras ??= new TaskExtras();

    /// <summary>
    /// Hides it from <see cref="Asyncio.AllTasks"/>: by it the loop waits for the end of the program's tasks, and clean-up that cancels
    /// every task which it finds must not cut off that of the others.
    /// </summary>
    internal void Hide() => Flags |= FutureFlags.Hidden;

    /// <summary>The frame is parked: it waits for the target, which is to reschedule the task.</summary>
    internal void Park(CoroutineBox frame, IWaitTarget target)
    {
        Frame = frame;
        WaitingOn = target;
    }

    /// <summary>The frame that runs on a loop waits for its task's next turn, and for nothing else.</summary>
    internal static void Yield(CoroutineBox frame)
    {
        var loop = frame.Loop;
        var task = loop.CurrentTask!;
        // Mostly it is the frame that ran last, and a comparison is cheaper than a store that the collector has to see.
        if (!ReferenceEquals(task.Frame, frame))
            task.Frame = frame;
        task.MakeReadyOn(loop); // not by the task's own field, which would have to be waited for: the loop is at hand
    }

    /// <summary>Gives the task its turn.</summary>
    internal void MakeReady() => MakeReadyOn(Loop);

    /// <summary>Gives the task its turn, in which its suspension is asked whether it may go on.</summary>
    internal void MakeReadyToAsk()
    {
        Flags |= FutureFlags.AskFirst;
        MakeReady();
    }

    /// <summary>Gives the task its turn, in which its await throws.</summary>
    internal void MakeReadyWith(Exception failure)
    {
        Extras.Failure = failure;
        Flags |= FutureFlags.DeliverFailure;
        MakeReady();
    }

    /// <summary>Gives the task its turn, in which its await is cancelled.</summary>
    internal void MakeReadyCanceled(string? message)
    {
        SetCancelMessage(message);
        Flags |= FutureFlags.DeliverCancel;
        MakeReady();
    }

    /// <summary>A future for which the task waits has completed.</summary>
    internal void Wake(Future future)
    {
        if (future.IsCanceled || future.PeekException() is CanceledException)
            Flags |= FutureFlags.DeliverCancel;
        MakeReady();
    }

    internal override void TimerElapsed(EventLoop loop)
    {
        Flags |= FutureFlags.TimerElapsed;
        loop.Ready.Enqueue(this);
    }

    /// <summary>The step has left the thread's execution context like this: it is the task's own, unless it is the loop's.
    /// That of the last step is kept too, for a runner's next run.</summary>
    internal override void LeftContext(ExecutionContext context)
    {
        if (!ReferenceEquals(context, Loop.Context))
        {
            SetContext(context);
        }
        else if (_extras is not null)
        {
            _extras.Context = null;
            Flags &= ~FutureFlags.HasContext;
        }
    }

    private void EndFrames() => Content = null;

    private protected abstract void TakeResult(CoroutineBox root);

    private void MakeReadyOn(EventLoop loop)
    {
        Flags |= FutureFlags.Scheduled;
        loop.Ready.Enqueue(this);
    }

    private void SetContext(ExecutionContext context)
    {
        Extras.Context = context;
        Flags |= FutureFlags.HasContext;
    }

    private void SetCancelMessage(string? message)
    {
        if (message is not null || _extras is not null)
            Extras.CancelMessage = message;
    }
}
