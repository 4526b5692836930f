using System.Diagnostics;
using AsyncioSharp.CompilerServices;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// A place where tasks park, and the one primitive under everything that waits: locks, queues, timers and sockets are
/// clients of it. Derive from it to make an awaitable of your own that allocates nothing: keep parked tasks in a
/// <see cref="WaiterQueue"/>, and reschedule each exactly once.
/// </summary>
/// <remarks>
/// A task waits for one thing at a time. It leaves its place in one of two ways: you call
/// <see cref="Reschedule(AsyncioTask)"/>, or it is cancelled, and you are told through <see cref="OnCanceled"/>. All of it
/// happens on the loop's thread.
/// </remarks>
public abstract class Suspension : CoroutineSource, IWaitTarget
{
    /// <summary>Makes a place with nobody in it.</summary>
    protected Suspension() => Status = CoroutineStatus.Suspension;

    /// <summary>
    /// Whether an await may go on without parking; asked right before a task would park. It changes nothing.
    /// </summary>
    /// <param name="argument">What was passed to <see cref="ParkAsync"/>.</param>
    protected virtual bool CanPass(long argument) => false;

    /// <summary>A task has parked here. It may be rescheduled at once.</summary>
    /// <param name="task">The task.</param>
    /// <param name="argument">What was passed to <see cref="ParkAsync"/>.</param>
    protected abstract void OnParked(AsyncioTask task, long argument);

    /// <summary>A parked task is cancelled and leaves: forget it. It is rescheduled by the caller.</summary>
    /// <param name="task">The task.</param>
    protected abstract void OnCanceled(AsyncioTask task);

    /// <summary>
    /// A task that was rescheduled is resumed with a cancellation instead: pass on what it was handed, such as a lock or
    /// a wake-up meant for one.
    /// </summary>
    /// <param name="task">The task.</param>
    protected virtual void OnForfeited(AsyncioTask task) { }

    /// <summary>
    /// What a task that is parked here waits for, in a few words, for call graphs and reports: asked when one is made, so it
    /// may take its time. By default the type's name.
    /// </summary>
    /// <param name="task">The task.</param>
    protected virtual string? DescribeWait(AsyncioTask task) => null;

    /// <summary>Parks whichever task awaits the result, until it is rescheduled.</summary>
    /// <param name="argument">Handed to <see cref="OnParked"/>.</param>
    protected Coroutine ParkAsync(long argument = 0) => new(this, argument);

    /// <summary>Lets a parked task go on; it runs in its turn.</summary>
    /// <param name="task">A task that parked here and was neither rescheduled nor cancelled since.</param>
    protected void Reschedule(AsyncioTask task)
    {
        CheckParked(task);
        task.MakeReady();
    }

    /// <summary>Lets a parked task go on with an exception, which its await throws.</summary>
    /// <param name="task">A task that parked here and was neither rescheduled nor cancelled since.</param>
    /// <param name="exception">The exception.</param>
    protected void Reschedule(AsyncioTask task, Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        CheckParked(task);
        task.MakeReadyWith(exception);
    }

    bool IWaitTarget.TryCancelWait(AsyncioTask task, string? message)
    {
        if (task.IsScheduled)
            return false;
        OnCanceled(task);
        task.MakeReadyCanceled(message);
        return true;
    }

    void IWaitTarget.Forfeit(AsyncioTask task) => OnForfeited(task);

    void IWaitTarget.CancellationDelivered(AsyncioTask task) => CancellationDelivered(task);

    /// <summary>A task that was cancelled here runs now, and unwinds right after this.</summary>
    internal virtual void CancellationDelivered(AsyncioTask task) { }

    string? IWaitTarget.DescribeWait(AsyncioTask task) => DescribeWait(task);

    /// <summary>Gives a parked task its turn, in which <see cref="MayGoOn"/> is asked.</summary>
    private protected void RescheduleToAsk(AsyncioTask task)
    {
        CheckParked(task);
        task.MakeReadyToAsk();
    }

    /// <summary>
    /// Asked in the turn that <see cref="RescheduleToAsk"/> gave a task: whether what it was woken for is still there. If not,
    /// put it back in its line.
    /// </summary>
    internal virtual bool MayGoOn(AsyncioTask task) => true;

    internal override bool IsReady(long token) => CanPass(token);

    internal override void Begin(CoroutineBox parent, long token)
    {
        var task = parent.Loop.CurrentTask!;
        task.Park(parent, this);
        try
        {
            OnParked(task, token);
        }
        catch (Exception e) when (!task.IsScheduled)
        {
            // Thrown from here it would pass the finally blocks of the method that awaits; delivered, it does not. The task
            // does not wait here: if it is cancelled before it runs, there is nothing that it could pass on.
            task.WaitingOn = null;
            task.MakeReadyWith(e);
        }
    }

    [StackTraceHidden]
    internal override void End(long token) => Delivery.Take();

    private void CheckParked(AsyncioTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        task.Loop.CheckThread();
        if (!ReferenceEquals(task.WaitingOn, this) || task.IsScheduled)
            throw new InvalidOperationException($"{task} is not parked here: it was rescheduled or cancelled before, or waits for something else.");
    }
}
