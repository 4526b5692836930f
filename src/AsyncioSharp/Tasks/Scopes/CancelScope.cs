using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// A piece of a task that can be cancelled by itself: the inside of <see cref="Asyncio.CancelScope(Func{CancelScope, Coroutine}, bool)"/>
/// and <see cref="Asyncio.MoveOnAfter(TimeSpan?, Func{CancelScope, Coroutine}, bool)"/>. asyncio has nothing like it; Trio has.
/// </summary>
/// <remarks>
/// Cancelling a task is a single event: code that swallows it goes on undisturbed. A scope that is cancelled stays so: each
/// await in it that would have to wait is cancelled, until the scope is left. Tasks of groups that were opened in it belong to it
/// as well; tasks of <see cref="Asyncio.CreateTask(Coroutine, string?, ExecutionContext?, bool?)"/> do not, as they may outlive it.
/// </remarks>
public sealed partial class CancelScope
{
    private readonly TimeSpan? _delay;
    private AsyncioTask _task = null!;
    private TimerHandle _timer;
    private int _requestsBefore;
    private bool _hasEnded;

    /// <summary>Only for a shield: what it keeps away.</summary>
    internal ShieldedRequests Outside;

    /// <summary>Only for a shield: the next one outwards in the same task.</summary>
    internal CancelScope? OuterShield;

    /// <summary>The last of the groups that are open in it, and in no scope inside it.</summary>
    internal TaskGroup? LastGroup;

    internal CancelScope(TimeSpan? deadline, TimeSpan? delay, bool shield)
    {
        Deadline = deadline;
        _delay = delay;
        Shield = shield;
    }

    /// <summary>When it is cancelled, on the clock of <see cref="EventLoop.Time"/>; null for never.</summary>
    public TimeSpan? Deadline { get; private set; }

    /// <summary>Whether it keeps cancellations that come from outside away from its body until that has ended.</summary>
    public bool Shield { get; }

    /// <summary>Whether it was cancelled, by <see cref="Cancel"/> or by its deadline.</summary>
    public bool IsCancelRequested { get; private set; }

    /// <summary>Whether its cancellation has cut the body off; known once the scope has been left.</summary>
    public bool CancellationCaught { get; private set; }

    internal string? CancelReason { get; private set; }

    /// <summary>The scope around it: of the same task, or the one in which the task's group was opened.</summary>
    internal CancelScope? Outer { get; private set; }

    /// <summary>The first cancelled scope on the way out, as far as one can see from here; null if there is none.</summary>
    internal CancelScope? NearestCanceled
    {
        get
        {
            for (var scope = this; scope is not null; scope = scope.Shield ? null : scope.Outer)
            {
                if (scope.IsCancelRequested)
                    return scope;
            }
            return null;
        }
    }

    /// <summary>
    /// Cancels all that runs in the scope, for as long as it does. The body's end by that is no failure: whoever opened the scope
    /// goes on. After the end it does nothing.
    /// </summary>
    /// <param name="message">What the <see cref="CanceledException"/>s are to say.</param>
    public void Cancel(string? message = null)
    {
        _task.Loop.CheckThread();
        if (_hasEnded || IsCancelRequested)
            return;
        IsCancelRequested = true;
        CancelReason = message;
        _timer.Cancel();
        TellTasks(_task);
    }

    /// <summary>Moves the deadline.</summary>
    /// <param name="when">The new one, on the clock of <see cref="EventLoop.Time"/>; null for none. If it has passed, the scope is
    /// cancelled at once.</param>
    /// <exception cref="InvalidOperationException">The scope was cancelled or has ended.</exception>
    public void Reschedule(TimeSpan? when)
    {
        _task.Loop.CheckThread();
        if (_hasEnded || IsCancelRequested)
        {
            throw new InvalidOperationException(_hasEnded
                ? "The cancel scope has been left: its deadline means nothing any more."
                : "The cancel scope is cancelled, which cannot be taken back: its deadline cannot be moved any more.");
        }
        Deadline = when;
        _timer.Cancel();
        if (when is not { } deadline)
            return;
        if (deadline <= _task.Loop.Time)
            Expire();
        else
            _timer = _task.Loop.CallAt(deadline, static scope => scope.Expire(), this);
    }

    /// <summary>Cancels it when a token is cancelled, until what is returned is disposed.</summary>
    internal CancellationTokenRegistration LinkTo(CancellationToken token) =>
        token.UnsafeRegister(static scope => ((CancelScope)scope!).CancelFromAnyThread(), this);

    private void CancelFromAnyThread()
    {
        const string reason = "The cancellation token of a cancel scope was cancelled.";
        if (_task.Loop.IsOnThread)
            Cancel(reason);
        else
            _task.Loop.PostOrDrop(new ThreadsafeCallback(() => Cancel(reason), null));
    }

    internal void Enter()
    {
        _task = EventLoop.RunningTask;
        Outer = _task.Scope;
        _task.EnterScope(this);
        // A request that was made before but is delivered in here is one from outside.
        _requestsBefore = _task.CancelRequests - (_task.HasPendingCancel ? 1 : 0);
        if (Deadline is null && _delay is { } delay)
            Deadline = TimeSpan.FromTicks(_task.Loop.Deadline(delay));
        Reschedule(Deadline);
    }

    /// <summary>The body has ended.</summary>
    /// <returns>Whether by this scope's cancellation, so that the exception goes no further.</returns>
    internal bool Leave(Exception? exception)
    {
        _timer.Cancel();
        _hasEnded = true;
        var left = _task.LeaveScope(this);
        CancellationCaught = IsCancelRequested
            && exception is OperationCanceledException
            && left <= _requestsBefore
            && (Shield || !_task.IsInCanceledScope);
        return CancellationCaught;
    }

    private void Expire() => Cancel("The deadline of a cancel scope has come.");

    /// <summary>Tells a task that a scope was cancelled, and down the tree of groups that are open in this scope or in scopes inside
    /// it. In what order tasks are told does not matter to them, but is always the same.</summary>
    /// <param name="first">This scope's task, or one that has just joined it.</param>
    internal void TellTasks(AsyncioTask first)
    {
        var tasks = new Stack<AsyncioTask>();
        tasks.Push(first);
        while (tasks.TryPop(out var task))
        {
            task.ScopesChanged();
            for (var scope = task.Scope; scope is not null && ReferenceEquals(scope._task, task); scope = scope.Outer)
            {
                for (var group = scope.LastGroup; group is not null; group = group.PreviousGroup)
                    group.AddTasks(tasks);
                if (ReferenceEquals(scope, this))
                    break;
            }
        }
    }
}
