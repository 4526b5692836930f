using System.Diagnostics;
using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// Something that will have a result, on a loop (<c>asyncio.Future</c>). Await it, once or many times. Tasks are futures;
/// <see cref="EventLoop.CreateFuture{T}"/> makes one that code sets by hand. Like everything of a loop it belongs to the
/// loop's thread.
/// </summary>
public abstract partial class Future : Runnable, IAwaitable, IWaitTarget
{
    internal FutureFlags Flags;
    private object? _callbacks; // a Runnable, or a List<Runnable>: what is scheduled at the end, in order

    /// <summary>
    /// Of a completed future its FailureSentinel, its cancel message or null; of a pending task its innermost frame. One
    /// field, as there may be millions.
    /// </summary>
    private protected object? Content;

    private protected Future(EventLoop loop) => Loop = loop;

    /// <summary>The loop that it belongs to (<c>Future.get_loop()</c>).</summary>
    public EventLoop Loop { get; }

    /// <summary>Whether it has a result or an exception, or was cancelled (<c>Future.done()</c>).</summary>
    public bool IsCompleted => (Flags & FutureFlags.Completed) != 0;

    /// <summary>Whether it was cancelled (<c>Future.cancelled()</c>).</summary>
    public bool IsCanceled => (Flags & FutureFlags.Canceled) != 0;

    /// <summary>Whether it has an exception.</summary>
    public bool IsFaulted => (Flags & FutureFlags.Faulted) != 0;

    /// <summary>Whether it has a result.</summary>
    public bool IsCompletedSuccessfully => (Flags & FutureFlags.Succeeded) != 0;

    /// <summary>
    /// The exception that it failed with; null if it succeeded (<c>Future.exception()</c>). Reading it counts as having
    /// seen it: nobody is told any more that it went unnoticed.
    /// </summary>
    /// <exception cref="InvalidStateException">It has not completed.</exception>
    /// <exception cref="CanceledException">It was cancelled.</exception>
    public Exception? Exception
    {
        get
        {
            if (!IsCompleted)
                throw NotCompleted();
            if (IsCanceled)
                throw MakeCanceledException();
            return Failure?.Retrieve().SourceException;
        }
    }

    /// <summary>The message of the cancellation with which it completed, be that as cancelled or, as <c>Gather</c> does,
    /// with a <see cref="CanceledException"/>.</summary>
    internal string? CancelMessage => Content as string ?? (Failure?.SourceException as CanceledException)?.CancelMessage;

    private FailureSentinel? Failure => Content as FailureSentinel;

    /// <summary>Asks for cancellation (<c>Future.cancel()</c>).</summary>
    /// <param name="message">What the <see cref="CanceledException"/> is to say.</param>
    /// <returns>False if it had completed, so that there was nothing to cancel.</returns>
    public virtual bool Cancel(string? message = null)
    {
        if (IsCompleted)
        {
            MarkRetrieved(); // who cancels it has done with it, and wants no report of how it failed
            return false;
        }
        Loop.CheckThread();
        CompleteCanceled(message);
        return true;
    }

    /// <summary>The result of one that has succeeded, for whoever does not know its type; null if it has none.</summary>
    internal virtual object? BoxedResult => null;

    /// <summary>Whether cancelling it cancels other tasks.</summary>
    internal virtual bool PassesCancelOn => false;

    bool IAwaitable.IsCoroutine(out Coroutine coroutine)
    {
        coroutine = default;
        return false;
    }

    /// <summary>The future itself: it can stand wherever an awaitable can.</summary>
    /// <exception cref="ArgumentException">It belongs to another loop.</exception>
    Future IAwaitable.AsFuture(EventLoop loop) => ReferenceEquals(loop, Loop)
        ? this
        : throw new ArgumentException(
            $"{this} belongs to another event loop than the one that is to wait for it. Use its AsTask() to wait across loops.", nameof(loop));

    /// <summary>Lets <c>await</c> wait for it.</summary>
    public FutureAwaiter GetAwaiter() => new(this);

    /// <summary>
    /// A .NET task that completes as this future does, for code on other threads. Cancelling this future cancels the task;
    /// the task has no way to cancel the future.
    /// </summary>
    public Task AsTask() => FutureTask<bool>.Of(this, static _ => true);

    /// <summary>Its class, name and state.</summary>
    public override string ToString() => $"<{Label} {StateName}>";

    private protected virtual string Label => "Future";

    private protected string StateName => Flags switch
    {
        _ when IsCanceled => "cancelled",
        _ when IsFaulted => $"failed: {Failure!.SourceException.GetType().Name}",
        _ when IsCompleted => "finished",
        _ => "pending",
    };

    bool IWaitTarget.TryCancelWait(AsyncioTask task, string? message) => Cancel(message);

    void IWaitTarget.Forfeit(AsyncioTask task) => MarkRetrieved();

    internal override void Run() => throw new UnreachableException();

    /// <summary>Throws unless it has a result.</summary>
    [StackTraceHidden]
    internal void ThrowUnlessSucceeded()
    {
        if ((Flags & FutureFlags.Succeeded) != 0)
            return;
        if (!IsCompleted)
            throw NotCompleted();
        if (IsCanceled)
            throw MakeCanceledException();
        Failure!.Retrieve().Throw();
    }

    /// <summary>Whether its exception is known to someone.</summary>
    internal bool IsRetrieved => Failure is { IsRetrieved: true };

    /// <summary>The exception is known to someone; nobody need be told.</summary>
    internal void MarkRetrieved() => Failure?.Retrieve();

    /// <summary>The exception without its being retrieved; null if there is none.</summary>
    internal Exception? PeekException() => Failure?.SourceException;

    internal CanceledException MakeCanceledException() => new(CancelMessage);

    private protected void CheckPending()
    {
        Loop.CheckThread();
        if (IsCompleted)
        {
            throw new InvalidStateException(
                $"{this} has completed already. A future is set once; use TrySetResult or TrySetException where several may try.");
        }
    }

    private protected void CompleteSucceeded()
    {
        Flags |= FutureFlags.Succeeded;
        ScheduleCallbacks();
    }

    private protected void CompleteFaulted(Exception exception)
    {
        Content = new FailureSentinel(Loop.UnretrievedFailures.Add(this, exception), this);
        Flags |= FutureFlags.Faulted;
        ScheduleCallbacks();
    }

    private protected void CompleteCanceled(string? message)
    {
        Content = message;
        Flags |= FutureFlags.Canceled;
        ScheduleCallbacks();
    }

    private static InvalidStateException NotCompleted() => new(
        "The future has not completed: it has no result and no exception yet. Await it, or look at IsCompleted first.");
}
