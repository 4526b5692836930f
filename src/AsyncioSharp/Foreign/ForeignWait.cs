using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>A coroutine's wait for something that is not this library's, such as a <see cref="Task"/>.</summary>
internal abstract class ForeignWait : InboxItem, IWaitTarget
{
    private protected readonly Action Continuation;
    private protected AsyncioTask? Waiter;

    private protected ForeignWait() => Continuation = Resume;

    /// <summary>Whether the task was asked to cancel while it waited here.</summary>
    public bool CancelRequested { get; private protected set; }

    /// <summary>
    /// Whether the foreign code was told of that by nothing yet: it had no token, and waited for nothing of ours. Then the
    /// next thing of ours that it waits for is cancelled.
    /// </summary>
    public bool CancelUndelivered { get; set; }

    /// <summary>
    /// The request to cancel, by its number, of which each method is told that waits for something of ours from now on; 0 for
    /// none, or if the token tells.
    /// </summary>
    public int Request { get; private protected set; }

    /// <summary>Whether what was awaited has ended as cancelled, where that can be known.</summary>
    public abstract bool EndedCanceled();

    /// <summary>Empties it and gives it back.</summary>
    public abstract void Recycle();

    /// <summary>The task's turn, when another thread completed what it waits for.</summary>
    internal override void Run()
    {
        if (Waiter is not { } task)
            return;
        task.Flags |= FutureFlags.Scheduled;
        task.Run();
        // The loop asks this item for what was left, and not the task.
        if (ExecutionContext.Capture() is { } left && !ReferenceEquals(left, task.Loop.Context))
            task.LeftContext(left);
    }

    bool IWaitTarget.TryCancelWait(AsyncioTask task, string? message)
    {
        // The task's token was cancelled before; the rest is up to the foreign code. Until it has answered, the request
        // stays open.
        CancelRequested = true;
        if (!task.IsScheduled)
            (CancelUndelivered, Request) = task.CancelForeignCalls(message);
        return false;
    }

    void IWaitTarget.Forfeit(AsyncioTask task) { }

    /// <summary>What is awaited, for call graphs.</summary>
    public abstract object Awaiter { get; }

    string? IWaitTarget.DescribeWait(AsyncioTask task) => StateMachines.BehindAwaiter(Awaiter).WaitsFor switch
    {
        Task { IsCompleted: false } other => $"a .NET task, {TypeNames.Of(other.GetType())} {other.Id}",
        Task => "a .NET task that has completed",
        { } other => $".NET's {TypeNames.Of(other.GetType())}",
        null => $"what {TypeNames.Of(Awaiter.GetType())} is for",
    };

    // Runs on whatever thread completes what was awaited. The task always goes on on its loop's thread, in its turn.
    private void Resume()
    {
        if (Waiter is not { } task)
            return;
        if (task.Loop.IsOnThread)
            task.MakeReady();
        else
            task.Loop.PostOrDrop(this);
    }
}
