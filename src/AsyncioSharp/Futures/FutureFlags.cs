namespace AsyncioSharp.CompilerServices;

/// <summary>The state of a future, and what a task is up to.</summary>
[Flags]
internal enum FutureFlags
{
    None = 0,

    /// <summary>Has a result.</summary>
    Succeeded = 1 << 0,

    /// <summary>Has an exception.</summary>
    Faulted = 1 << 1,

    /// <summary>Was cancelled.</summary>
    Canceled = 1 << 2,

    Completed = Succeeded | Faulted | Canceled,

    /// <summary>The task stands in the ready queue.</summary>
    Scheduled = 1 << 3,

    /// <summary>A cancellation was asked for that the coroutine has not seen: it gets it when it next runs or waits.</summary>
    MustCancel = 1 << 4,

    /// <summary>The wait was cancelled: the task is resumed with that.</summary>
    DeliverCancel = 1 << 5,

    /// <summary>The wait failed: the task is resumed with the exception that its extras hold.</summary>
    DeliverFailure = 1 << 6,

    /// <summary>
    /// A timer woke the task. In asyncio the timer's callback sets a future, which schedules the task; so the task gets
    /// its turn one iteration after the timer.
    /// </summary>
    TimerElapsed = 1 << 7,

    /// <summary>The task has an execution context that is not its loop's.</summary>
    HasContext = 1 << 8,

    /// <summary>The task waits for code that is not this library's.</summary>
    ForeignWait = 1 << 9,

    /// <summary>The outcome of the task's coroutine is taken by the <c>async Task</c> code that awaits it.</summary>
    RootIsBorrowed = 1 << 10,

    /// <summary>The suspension that woke the task is asked whether it may go on.</summary>
    AskFirst = 1 << 11,

    /// <summary>The task is inside a shield: requests from outside it are held back until it is left.</summary>
    Shielded = 1 << 12,

    /// <summary>The task is inside a cancelled scope: whatever it waits for is cancelled, again and again.</summary>
    InCanceledScope = 1 << 13,

    /// <summary>The scope's cancellation could not end the wait, so it is delivered in the task's next turn. It is none of the
    /// requests that are counted, and a task that ends first has not overlooked any.</summary>
    MustCancelAgain = 1 << 14,

    /// <summary>The task is the loop's own: by it the loop waits for the end of the program's.</summary>
    Hidden = 1 << 15,

    /// <summary>A request to cancel it is being passed on: one that comes to it meanwhile has gone round in a circle.</summary>
    PassingCancelOn = 1 << 16,

    /// <summary>Before the task can simply be resumed, something is to be looked at.</summary>
    Unusual = MustCancel | MustCancelAgain | DeliverCancel | DeliverFailure | TimerElapsed | HasContext | ForeignWait | AskFirst,
}
