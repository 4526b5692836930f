using System.Runtime.ExceptionServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>An exception of a future, and whether anyone has seen it.</summary>
internal sealed class FailureRecord(UnretrievedFailures list, Future future, Exception exception)
{
    private readonly WeakReference<Future> _future = new(future);
    private Future? _found;

    public FailureRecord? Previous;
    public FailureRecord? Next;
    public FailureRecord? NextAbandoned;

    public ExceptionDispatchInfo Failure { get; } = ExceptionDispatchInfo.Capture(exception);

    public string? TaskName { get; } = (future as AsyncioTask)?.Name;

    /// <summary>In debug mode, where the future was made.</summary>
    public IReadOnlyList<CallGraphFrame>? Origin { get; } = future.SourceTraceback;

    /// <summary>The future, as long as there is one; until it was reported also one that nobody else has any more.</summary>
    public Future? Future => _found ?? (_future.TryGetTarget(out var future) ? future : null);

    /// <summary>The task's execution context at its end: the report is made in it.</summary>
    public ExecutionContext? Context { get; } = future is not AsyncioTask ? null : ExecutionContext.Capture();

    public bool IsRetrieved { get; private set; }

    public void Retrieve()
    {
        if (IsRetrieved)
            return;
        IsRetrieved = true;
        list.Remove(this);
    }

    /// <summary>The future was collected; its sentinel, which goes with it, still has it.</summary>
    public void Abandon(Future future)
    {
        _found = future;
        list.Abandon(this);
    }
}
