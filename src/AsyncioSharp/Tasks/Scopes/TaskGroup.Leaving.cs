using System.Runtime.ExceptionServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

public sealed partial class TaskGroup : IPatientWait
{
    private async Coroutine LeaveAsync(Exception? bodyFailure)
    {
        _leaving = true;
        // What the block lets out as cancelled is the parent's cancellation, or ours; which, the count of requests tells.
        var bodyWasCanceled = IsCancellation(bodyFailure);
        var cancellation = bodyWasCanceled ? bodyFailure : null;
        if (bodyFailure is not null)
            Abort();
        if (_tasks.Count > 0)
        {
            var canceledMeanwhile = await PatientWait.RunAsync(_parent, this);
            cancellation ??= canceledMeanwhile;
        }
        LeaveScope();
        // Our own request is settled. If others are left, the parent was cancelled from outside as well.
        if (_parentCancelRequested && _parent.Uncancel() == 0)
            cancellation = null;
        if (bodyFailure is not null && !bodyWasCanceled)
            _failures.Add(new(null, bodyFailure));
        if (_failures.Count == 0)
        {
            if (cancellation is not null)
                ExceptionDispatchInfo.Throw(cancellation);
            return;
        }
        // They go first. A cancellation from outside comes after them.
        _parent.DeliverCancelAgain();
        throw new TaskGroupException([.. _failures], _taskCount);
    }

    bool IPatientWait.IsOver => _tasks.Count == 0;

    Coroutine IPatientWait.ParkAsync() => (_allEnded ??= new ParkingLot(this, "the tasks of ")).WaitAsync();

    void IPatientWait.Canceled(CanceledException cancellation) => Abort();

    // .NET code that the block called may have thrown its own exception for the parent's cancellation.
    private bool IsCancellation(Exception? exception) =>
        exception is CanceledException || (exception is OperationCanceledException && _parent.CancelRequests > 0);
}
