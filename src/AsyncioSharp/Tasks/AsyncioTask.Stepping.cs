using System.Runtime.CompilerServices;
using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

// The trampoline: starting a child and returning to a parent come back to the loop in Step, so that await chains of any
// depth need a bounded stack.
public abstract partial class AsyncioTask
{
    internal sealed override void Run()
    {
        if ((Flags & FutureFlags.Unusual) != 0)
        {
            RunUnusual();
            return;
        }
        Flags &= ~FutureFlags.Scheduled;
        WaitingOn = null;
        var loop = Loop;
        loop.CurrentTask = this;
        Step(Frame);
        loop.CurrentTask = null;
    }

    /// <summary>
    /// Runs the first step at once, inside whatever runs now (<c>eager_start</c>); its context and the current task are
    /// swapped in and out.
    /// </summary>
    internal void RunEagerly()
    {
        var loop = Loop;
        var outer = loop.CurrentTask;
        var suppressed = ExecutionContext.IsFlowSuppressed();
        if (suppressed)
            ExecutionContext.RestoreFlow();
        var outerContext = ExecutionContext.Capture()!;
        loop.CurrentTask = this;
        // Without one of its own it has the loop's, which need not be the creator's.
        if (!ReferenceEquals(Context ?? loop.Context, outerContext))
            ExecutionContext.Restore(Context ?? loop.Context);
        try
        {
            Step(Frame);
        }
        finally
        {
            loop.CurrentTask = outer;
            var left = ExecutionContext.Capture()!;
            LeftContext(left);
            if (!ReferenceEquals(left, outerContext))
                ExecutionContext.Restore(outerContext);
            if (suppressed)
                ExecutionContext.SuppressFlow();
        }
    }

    private void RunUnusual()
    {
        if ((Flags & FutureFlags.TimerElapsed) != 0)
        {
            Flags &= ~FutureFlags.TimerElapsed;
            // A cancellation may have scheduled it between the timer and this turn.
            if (!IsScheduled)
                MakeReady();
            return;
        }
        if ((Flags & FutureFlags.AskFirst) != 0 && !MayGoOn())
            return;
        var flags = Flags;
        Flags &= ~(FutureFlags.Scheduled | FutureFlags.DeliverCancel | FutureFlags.DeliverFailure);
        var context = _extras?.Context;
        if (context is not null)
            ExecutionContext.Restore(context); // the loop restores its own afterwards, and has this one's changes kept
        var target = WaitingOn;
        WaitingOn = null;
        Loop.CurrentTask = this;
        if ((flags & FutureFlags.ForeignWait) != 0)
            ResumeFromForeignWait((ForeignWait)target!);
        else if ((flags & FutureFlags.DeliverCancel) != 0)
            DeliverCancelFrom(target);
        else if ((flags & (FutureFlags.MustCancel | FutureFlags.MustCancelAgain)) != 0)
            DeliverPendingCancel(target);
        else if ((flags & FutureFlags.DeliverFailure) != 0)
            ResumeWith(TakeFailure());
        else
            Step(Frame);
        Loop.CurrentTask = null;
        // Back to the loop's own, which the loop does not notice: the last value was cleared.
        if (context is not null && ReferenceEquals(ExecutionContext.Capture(), Loop.Context))
            LeftContext(Loop.Context);
    }

    private bool MayGoOn()
    {
        Flags &= ~FutureFlags.AskFirst;
        // A cancellation is delivered in any case.
        if ((Flags & (FutureFlags.MustCancel | FutureFlags.MustCancelAgain)) != 0)
            return true;
        Flags &= ~FutureFlags.Scheduled; // it is parked again if the answer is no
        return ((Suspension)WaitingOn!).MayGoOn(this);
    }

    private void Step(CoroutineBox frame)
    {
        for (; ; )
        {
            frame.Status = CoroutineStatus.Started;
            frame.Depth = 0;
            frame.Resume();
            if (frame.Status < CoroutineStatus.Succeeded)
            {
                var next = Frame;
                if (next.Status != CoroutineStatus.Created)
                    break; // parked
                frame = next;
                continue;
            }
            // What most frames do, apart from the rest of it. The frame is kept as the task's for call graphs, which could not
            // tell otherwise who awaits what runs.
            if (frame.Status == CoroutineStatus.Succeeded && frame.Parent is { } parent)
                Frame = frame = parent;
            else if (Return(frame) is { } handling)
                Frame = frame = handling;
            else
                return;
        }
        if ((Flags & (FutureFlags.MustCancel | FutureFlags.MustCancelAgain | FutureFlags.InCanceledScope)) != 0)
            CancelParked();
    }

    /// <summary>
    /// A frame has ended: goes up to the one that is to run next. Frames without handlers through which a cancellation
    /// passes are not run; they end as cancelled too.
    /// </summary>
    /// <returns>Null if the task has ended. (Not by reference: the frame of the step loop could be in no register.)</returns>
    private CoroutineBox? Return(CoroutineBox frame)
    {
        for (; ; )
        {
            var parent = frame.Parent;
            if (parent is null)
            {
                Complete(frame);
                return null;
            }
            if (frame.Status != CoroutineStatus.Canceled || parent.HasHandlers)
                return parent;
            parent.EndCanceled(frame.Outcome);
            frame.Recycle();
            frame = parent;
        }
    }

    private void Complete(CoroutineBox root)
    {
        Loop.Tasks.Remove(this);
        EndFrames();
        switch (root.Status)
        {
            case CoroutineStatus.Succeeded when (Flags & FutureFlags.MustCancel) != 0:
                // Asked to cancel in its last step: it has not seen the request, and must not seem to have succeeded.
                root.EndCanceled(_extras?.CancelMessage);
                break;
            case CoroutineStatus.Succeeded:
                TakeResult(root);
                break;
        }
        var (status, outcome) = (root.Status, root.Outcome);
        // Of a method that has run but once, such as a program's main one, the box is not kept: the code that does that would have to be
        // compiled for it.
        if ((Flags & FutureFlags.RootIsBorrowed) == 0 && !root.IsFirst)
            root.Recycle();
        EndAs(status, outcome);
    }

    private void EndAs(CoroutineStatus status, object? outcome)
    {
        Flags &= ~FutureFlags.Unusual;
        if (status == CoroutineStatus.Succeeded)
            CompleteSucceeded();
        else
            CompleteUnsuccessful(status, outcome);
        if (TelemetryOnDemand.WritesEvents)
            NoteStop();
        if (_extras is not null)
            DropExtras();
    }

    // Apart, so that a program which never fails does not load what it would need for that.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CompleteUnsuccessful(CoroutineStatus status, object? outcome)
    {
        if (status == CoroutineStatus.Canceled)
            CompleteCanceled(outcome is CanceledException canceled ? canceled.CancelMessage : outcome as string);
        else if (outcome is OperationCanceledException foreign && IsOwnCancellation(foreign))
            CompleteCanceled(_extras?.CancelMessage);
        else
            CompleteFaulted((Exception)outcome!);
        CountUnsuccessful();
    }

    private Exception TakeFailure()
    {
        var failure = _extras!.Failure!;
        _extras.Failure = null;
        return failure;
    }

    private void ResumeWith(Exception failure)
    {
        Delivery.Set(failure);
        Step(Frame);
    }
}
