using System.Runtime.ExceptionServices;
using System.Text;

namespace AsyncioSharp;

public sealed partial class TaskGroup
{
    private async Coroutine LeaveAsync(Exception? bodyFailure)
    {
        _leaving = true;
        // What the block lets out as cancelled is the parent's cancellation, or ours; which, the count of requests tells.
        var bodyWasCanceled = IsCancellation(bodyFailure);
        var cancellation = bodyWasCanceled ? bodyFailure : null;
        if (bodyFailure is not null)
            Abort();
        while (_tasks.Count > 0)
        {
            _allEnded ??= _loop.CreateFuture<bool>();
            try
            {
                await _allEnded;
            }
            catch (CanceledException e)
            {
                cancellation ??= e;
                Abort();
            }
            _allEnded = null;
        }
        // Our own request is settled. If others are left, the parent was cancelled from outside as well.
        if (_parentCancelRequested && _parent.Uncancel() == 0)
            cancellation = null;
        if (bodyFailure is not null && !bodyWasCanceled)
            _failures.Add((null, bodyFailure));
        if (_failures.Count == 0)
        {
            if (cancellation is not null)
                ExceptionDispatchInfo.Throw(cancellation);
            return;
        }
        if (_parent.CancelRequests > 0)
        {
            // The failures go first. The cancellation from outside is delivered again at the parent's next wait, and the
            // count stays what it is.
            _parent.Uncancel();
            _parent.Cancel();
        }
        throw new AggregateException(Describe(), _failures.Select(failure => failure.Exception));
    }

    // .NET code that the block called may have thrown its own exception for the parent's cancellation.
    private bool IsCancellation(Exception? exception) =>
        exception is CanceledException || (exception is OperationCanceledException && _parent.CancelRequests > 0);

    private string Describe()
    {
        var text = new StringBuilder("Unhandled errors in a task group: ");
        for (var i = 0; i < _failures.Count; i++)
        {
            var (task, exception) = _failures[i];
            text.Append(i == 0 ? "" : ", ");
            text.Append(task is null ? "its block" : $"task '{task}'").Append(" failed with ").Append(exception.GetType().Name);
        }
        return text.Append('.').ToString();
    }
}
