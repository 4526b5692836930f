using System.Runtime.ExceptionServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>Held by a failed future alone, so that its finalizer tells when the future is gone.</summary>
internal sealed class FailureSentinel(FailureRecord record, Future future)
{
    ~FailureSentinel() => record.Abandon(future);

    public Exception SourceException => record.Failure.SourceException;

    public bool IsRetrieved => record.IsRetrieved;

    public ExceptionDispatchInfo Retrieve()
    {
        if (!record.IsRetrieved)
        {
            GC.SuppressFinalize(this);
            record.Retrieve();
        }
        return record.Failure;
    }
}
