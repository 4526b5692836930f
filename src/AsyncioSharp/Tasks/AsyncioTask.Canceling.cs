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
        if ((Flags & FutureFlags.Shielded) != 0)
            HoldBack(null, message);
        else
            RequestCancel(message);
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
        {
            Flags &= ~FutureFlags.MustCancel;
            RenewToken();
        }
        return CancelRequests;
    }

    /// <summary>
    /// A request by something that the task itself has entered, such as a timeout: only shields entered after that hold it
    /// back.
    /// </summary>
    /// <param name="shield">The innermost shield when it was entered; null for none.</param>
    /// <param name="message">What the exception is to say.</param>
    internal void CancelFromInside(CancelScope? shield, string? message = null)
    {
        if (ReferenceEquals(Shield, shield))
            RequestCancel(message);
        else
            HoldBack(shield, message);
    }

    /// <summary>
    /// Something more important than the cancellation is thrown now. If requests are left, the cancellation is delivered once more
    /// at the next wait; their count stays what it is.
    /// </summary>
    internal void DeliverCancelAgain()
    {
        if (_cancelRequests == 0)
            return;
        Uncancel();
        RequestCancel(null);
    }

    private void RequestCancel(string? message)
    {
        if ((Flags & FutureFlags.PassingCancelOn) != 0)
        {
            LeaveCircle(message);
        }
        else if (WaitedFor is not null)
        {
            RequestCancelOfAll(message);
        }
        else
        {
            _cancelRequests++;
            CancelToken();
            CancelWait(message, FutureFlags.MustCancel, this);
        }
    }

    // Down the chain of tasks that wait for each other, which may be long, without recursion; each is asked once, also in a circle.
    private void RequestCancelOfAll(string? message)
    {
        var entry = FindCircle();
        var isRound = false;
        var task = this;
        while (true)
        {
            isRound |= ReferenceEquals(task, entry);
            task._cancelRequests++;
            task.CancelToken();
            if (task.WaitedFor is not { } inner)
                break;
            if ((inner.Flags & FutureFlags.Shielded) != 0)
            {
                inner.HoldBack(null, message);
                return;
            }
            if ((isRound && ReferenceEquals(inner, entry)) || (inner.Flags & FutureFlags.PassingCancelOn) != 0)
            {
                task.LeaveCircle(message);
                return;
            }
            task = inner;
        }
        task.CancelWait(message, FutureFlags.MustCancel, this);
    }

    /// <summary>The task that it waits for, if it is one.</summary>
    private AsyncioTask? WaitedFor => WaitingOn is AsyncioTask { IsCompleted: false } inner ? inner : null;

    /// <summary>Where the tasks that wait for each other from here on come to a circle; null if they do not.</summary>
    private AsyncioTask? FindCircle()
    {
        AsyncioTask slow = this, fast = this;
        do
        {
            if (fast.WaitedFor?.WaitedFor is not { } next)
                return null;
            fast = next;
            slow = slow.WaitedFor!;
        }
        while (!ReferenceEquals(slow, fast));
        // They have met as far before its entry as the way from here to that is long, rounds aside.
        for (slow = this; !ReferenceEquals(slow, fast); slow = slow.WaitedFor!)
            fast = fast.WaitedFor!;
        return slow;
    }

    /// <summary>Cancels what the task waits for.</summary>
    /// <param name="message">What the exception is to say.</param>
    /// <param name="otherwise">What is noted if it cannot be done now, because the task runs or was given its turn.</param>
    /// <param name="asked">Which task was asked first: it waits for this one, be it through others.</param>
    private void CancelWait(string? message, FutureFlags otherwise, AsyncioTask asked)
    {
        if (WaitingOn is { } target && TryCancel(target, message, asked))
            return;
        Flags |= otherwise;
        // Where a cancellation is under way already, its message stays.
        if ((Flags & FutureFlags.DeliverCancel) == 0)
            SetCancelMessage(message);
    }

    /// <summary>Cancels what the task waits for. What passes that on to other tasks may come back: to those that were asked, which are marked
    /// meanwhile.</summary>
    private bool TryCancel(IWaitTarget target, string? message, AsyncioTask asked)
    {
        if ((Flags & FutureFlags.ForeignWait) == 0 && target is not Future { PassesCancelOn: true })
            return target.TryCancelWait(this, message);
        var passing = Loop.PassingCancelOn;
        var before = passing.Count;
        Mark(this);
        for (var task = asked; task is not null && Mark(task); task = task.WaitedFor)
        {
        }
        try
        {
            return target.TryCancelWait(this, message);
        }
        finally
        {
            for (var i = before; i < passing.Count; i++)
                passing[i].Flags &= ~FutureFlags.PassingCancelOn;
            passing.RemoveRange(before, passing.Count - before);
        }

        bool Mark(AsyncioTask task)
        {
            if ((task.Flags & FutureFlags.PassingCancelOn) != 0)
                return false;
            task.Flags |= FutureFlags.PassingCancelOn;
            passing.Add(task);
            return true;
        }
    }

    /// <summary>
    /// Tasks wait for each other in a circle, of which this is one: no request to cancel can end what it waits for. So it
    /// stops waiting, which lets the others go on. One that waits in .NET's code cannot.
    /// </summary>
    private void LeaveCircle(string? message)
    {
        if (IsScheduled || WaitingOn is not Future { IsCompleted: false } inner)
            return;
        inner.RemoveCallback(this);
        WaitingOn = null;
        MakeReadyCanceled(message);
    }

    /// <summary>Cancels the parked task on behalf of a request that came while it ran, or of a scope that it is in.</summary>
    private void CancelParked()
    {
        if ((Flags & FutureFlags.InCanceledScope) != 0 && _extras!.ScopePauses == 0)
            Flags |= FutureFlags.MustCancelAgain;
        const FutureFlags due = FutureFlags.MustCancel | FutureFlags.MustCancelAgain;
        if ((Flags & due) != 0 && WaitingOn is { } target && TryCancel(target, _extras?.CancelMessage, this))
            Flags &= ~due;
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
        if (_extras is not null)
            _extras.Failure = null; // what it was to be resumed with instead
        DeliverCancel(_extras?.CancelMessage);
    }

    /// <summary>
    /// Unwinds from the innermost frame: those that have no handlers end without being run, the first that has one is
    /// resumed, and its await throws.
    /// </summary>
    private void DeliverCancel(string? message)
    {
        Flags &= ~(FutureFlags.MustCancel | FutureFlags.MustCancelAgain);
        CancellationDelivered();
        var frame = Frame;
        if (frame.Status == CoroutineStatus.Created)
        {
            // It has not begun, and never will.
            frame.EndCanceled(message);
            Complete(frame);
            return;
        }
        if (frame.CannotNotice && !HasBorrowedRoot)
        {
            CompleteUnnoticed(frame, message);
            return;
        }
        CoroutineBox? child = null;
        while (!frame.HasHandlers)
        {
            frame.CannotNotice = true; // for the next use of its box, as the root of a task
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

    /// <summary>
    /// Ends the task, none of whose frames can notice it. They go back to their pools while these have room; where very many
    /// tasks are cancelled at once they soon have none, and to read the rest would be waiting for memory.
    /// </summary>
    private void CompleteUnnoticed(CoroutineBox innermost, string? message)
    {
        Loop.Tasks.Remove(this);
        EndFrames();
        for (CoroutineBox? frame = innermost, parent; frame is not null; frame = parent)
        {
            parent = frame.Parent;
            if (!frame.RecycleWaiting())
                break;
        }
        EndAs(CoroutineStatus.Canceled, message);
    }
}
