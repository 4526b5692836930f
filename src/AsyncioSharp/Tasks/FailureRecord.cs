using System.Runtime.ExceptionServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>An exception of a future, and whether anyone has seen it.</summary>
internal sealed class FailureRecord(UnretrievedFailures list, AsyncioTask? task, Exception exception)
{
    public FailureRecord? Previous;
    public FailureRecord? Next;
    public FailureRecord? NextAbandoned;

    public ExceptionDispatchInfo Failure { get; } = ExceptionDispatchInfo.Capture(exception);

    public string? TaskName { get; } = task?.Name;

    /// <summary>The task's execution context at its end: the report is made in it.</summary>
    public ExecutionContext? Context { get; } = task is null ? null : ExecutionContext.Capture();

    public bool IsRetrieved { get; private set; }

    public void Retrieve()
    {
        if (IsRetrieved)
            return;
        IsRetrieved = true;
        list.Remove(this);
    }

    public void Abandon() => list.Abandon(this);
}
