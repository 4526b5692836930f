using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

public abstract partial class AsyncioTask
{
    /// <summary>
    /// Asks the task to cancel (<c>Task.cancel()</c>): what it waits for is cancelled, and its await throws a
    /// <see cref="CanceledException"/>, or ends silently where nothing could catch that. A task that waits for another one
    /// passes the request down. It has ended only when <see cref="Future.IsCompleted"/> says so: await it.
    /// </summary>
    /// <param name="message">What the exception is to say.</param>
    /// <returns>False if it had completed.</returns>
    public override bool Cancel(string? message = null)
    {
        if (IsCompleted)
        {
            MarkRetrieved();
            return false;
        }
        Loop.CheckThread();
        // Down the chain of tasks that wait for each other, which may be long, without recursion.
        var task = this;
        var behind = this;
        for (var steps = 1; ; steps++)
        {
            task._cancelRequests++;
            if (task.WaitingOn is not AsyncioTask inner || inner.IsCompleted)
                break;
            task.CancelToken();
            task = inner;
            if ((steps & 1) == 0)
                behind = (AsyncioTask)behind.WaitingOn!;
            if (ReferenceEquals(task, behind))
            {
                task.LeaveCycle(message);
                return true;
            }
        }
        task.CancelToken();
        if (task.WaitingOn is null || !task.WaitingOn.TryCancelWait(task, message))
        {
            task.Flags |= FutureFlags.MustCancel;
            // Where a cancellation is under way already, its message stays.
            if ((task.Flags & FutureFlags.DeliverCancel) == 0)
                task.SetCancelMessage(message);
        }
        return true;
    }

    /// <summary>
    /// Takes one request to cancel back, after it was dealt with (<c>Task.uncancel()</c>). Taking the last one back also
    /// takes back a cancellation that the coroutine has not seen yet.
    /// </summary>
    /// <returns>How many requests remain.</returns>
    public int Uncancel()
    {
        Loop.CheckThread();
        if (_cancelRequests > 0 && --_cancelRequests == 0)
            Flags &= ~FutureFlags.MustCancel;
        return _cancelRequests;
    }

    /// <summary>
    /// Tasks wait for each other in a circle, of which this is one: no request to cancel can end what it waits for. So it
    /// stops waiting, which lets the others go on.
    /// </summary>
    private void LeaveCycle(string? message)
    {
        var inner = (AsyncioTask)WaitingOn!;
        inner.RemoveCallback(this);
        WaitingOn = null;
        MakeReadyCanceled(message);
    }

    /// <summary>Cancels the parked task on behalf of a request that came while it ran.</summary>
    private void CancelParked()
    {
        if (WaitingOn is { } target && target.TryCancelWait(this, _extras?.CancelMessage))
            Flags &= ~FutureFlags.MustCancel;
    }

    private void DeliverCancelFrom(IWaitTarget? target)
    {
        if (target is not Future future)
        {
            target?.CancellationDelivered(this);
            DeliverCancel(_extras?.CancelMessage);
            return;
        }
        future.MarkRetrieved(); // it may have ended with an exception that tells of the cancellation
        DeliverCancel(future.CancelMessage);
    }

    private void DeliverPendingCancel(IWaitTarget? target)
    {
        target?.Forfeit(this);
        DeliverCancel(_extras?.CancelMessage);
    }

    /// <summary>
    /// Unwinds from the innermost frame: those that have no handlers end without being run, the first that has one is
    /// resumed, and its await throws.
    /// </summary>
    private void DeliverCancel(string? message)
    {
        Flags &= ~FutureFlags.MustCancel;
        CancellationDelivered();
        var frame = Frame;
        if (frame.Status == CoroutineStatus.Created)
        {
            // It has not begun, and never will.
            frame.EndCanceled(message);
            Complete(frame);
            return;
        }
        CoroutineBox? child = null;
        while (!frame.HasHandlers)
        {
            var parent = frame.Parent;
            child?.RecycleWaiting();
            if (parent is null)
            {
                frame.EndCanceled(message);
                Complete(frame);
                return;
            }
            child = frame;
            frame = parent;
        }
        // A frame that awaits another one finds the outcome there; otherwise it has to be handed over.
        if (child is null)
            Delivery.Set(new CanceledException(message));
        else
            child.EndCanceled(message);
        Frame = frame;
        Step(frame);
    }
}
