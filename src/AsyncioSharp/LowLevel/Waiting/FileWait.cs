using System.Runtime.ExceptionServices;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// Where a task waits for something that is done with a file. It goes on only when that has ended, also if it is cancelled: until
/// then its buffer is not its own.
/// </summary>
internal class FileWait : Suspension, IPatientWait
{
    private AsyncioTask? _task;

    public bool IsOver { get; private set; }

    /// <summary>Waits until what is waited for has ended.</summary>
    /// <param name="hasFailed">Whether it has failed then. If so a cancellation that came meanwhile is not thrown here, but at the
    /// task's next wait, so that neither gets lost.</param>
    /// <exception cref="CanceledException">The task was cancelled.</exception>
    public async Coroutine WaitAsync(Func<bool> hasFailed)
    {
        var task = EventLoop.RunningTask;
        if (await PatientWait.RunAsync(task, this) is not { } cancellation)
            return;
        if (!hasFailed())
            ExceptionDispatchInfo.Throw(cancellation);
        task.DeliverCancelAgain();
    }

    /// <summary>It has ended: the task goes on.</summary>
    public void End()
    {
        IsOver = true;
        if (_task is not { } task)
            return;
        _task = null;
        Reschedule(task);
    }

    Coroutine IPatientWait.ParkAsync() => ParkAsync();

    void IPatientWait.Canceled(CanceledException cancellation) => OnCancelRequested();

    /// <summary>Begins anew.</summary>
    protected void Reset() => IsOver = false;

    /// <summary>The task was cancelled: sees that it ends soon, if that can be done.</summary>
    private protected virtual void OnCancelRequested() { }

    protected override bool CanPass(long argument) => IsOver;

    protected override void OnParked(AsyncioTask task, long argument) => _task = task;

    protected override void OnCanceled(AsyncioTask task) => _task = null;

    protected override string DescribeWait(AsyncioTask task) => "a file";
}
