using System.Diagnostics;

namespace AsyncioSharp.CompilerServices;

/// <summary>What few tasks have, kept out of the many.</summary>
internal sealed class TaskExtras
{
    public string? Name;
    public ExecutionContext? Context;
    public string? CancelMessage;

    /// <summary>With what the task is resumed.</summary>
    public Exception? Failure;

    /// <summary>Behind <see cref="Asyncio.CancellationToken"/>, until a cancellation was delivered.</summary>
    public CancellationTokenSource? Cancellation;

    /// <summary>The last token that was cancelled: an exception that carries it is this task's cancellation.</summary>
    public CancellationToken CanceledToken;

    /// <summary>The task's span.</summary>
    public Activity? Activity;

    public TaskSynchronizationContext? SynchronizationContext;

    /// <summary>What <c>async Task</c> code waits for on the task's behalf; cancelled with it.</summary>
    public List<IForeignCall>? ForeignCalls;

    /// <summary>How many requests to cancel reached the task while it waited for such code.</summary>
    public int ForeignRequests;

    /// <summary>The context of code that was told of the last of them.</summary>
    public TaskSynchronizationContext? ToldContext;

    /// <summary>The task whose code this one runs, if it was started for a coroutine that .NET's code awaits.</summary>
    public AsyncioTask? RunsFor;

    /// <summary>The innermost cancel scope that the task is in: its own, or the one in which its group was opened.</summary>
    public CancelScope? Scope;

    /// <summary>The innermost scope of its own that shields.</summary>
    public CancelScope? Shield;

    /// <summary>How many wait loops, one inside the other, have seen the scopes' cancellation and need no more of it.</summary>
    public int ScopePauses;
}
