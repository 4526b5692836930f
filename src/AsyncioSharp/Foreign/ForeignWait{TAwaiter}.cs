using System.Runtime.CompilerServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>A wait with the awaiter that it is for.</summary>
internal sealed class ForeignWait<TAwaiter> : ForeignWait
    where TAwaiter : INotifyCompletion
{
    [ThreadStatic]
    private static ForeignWait<TAwaiter>? t_spare;

    private TAwaiter _awaiter = default!;

    public static void Suspend(CoroutineBox frame, ref TAwaiter awaiter)
    {
        var task = frame.Loop.CurrentTask!;
        var wait = t_spare ?? new ForeignWait<TAwaiter>();
        t_spare = null;
        wait.Waiter = task;
        wait._awaiter = awaiter;
        task.Park(frame, wait);
        task.Flags |= FutureFlags.ForeignWait;
        try
        {
            // The task carries its execution context itself, so the awaiter need not let it flow.
            if (awaiter is ICriticalNotifyCompletion)
                ((ICriticalNotifyCompletion)awaiter).UnsafeOnCompleted(wait.Continuation);
            else
                awaiter.OnCompleted(wait.Continuation);
        }
        catch (Exception e) when (!task.IsScheduled)
        {
            // A broken awaiter. No await was begun that could end with this, so the method itself fails with it, as soon as
            // it returns from here. Should the awaiter call back all the same, nobody waits.
            wait.Waiter = null;
            task.WaitingOn = null;
            task.Flags &= ~FutureFlags.ForeignWait;
            frame.Fail(e);
        }
    }

    public override object Awaiter => _awaiter!;

    public override bool EndedCanceled() => ForeignOutcome.IsCanceled(ref _awaiter);

    public override void Recycle()
    {
        Waiter = null;
        _awaiter = default!;
        CancelRequested = false;
        CancelUndelivered = false;
        Request = 0;
        t_spare = this;
    }
}
