using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// The exceptions of a loop's futures that nobody has looked at. One is reported when its future is collected, and the
/// rest when the loop closes: none goes unnoticed.
/// </summary>
internal sealed class UnretrievedFailures
{
    private FailureRecord? _first;
    private FailureRecord? _abandoned; // a stack that finalizers push to

    public FailureRecord Add(Future future, Exception exception)
    {
        var record = new FailureRecord(this, future, exception) { Next = _first };
        if (_first is not null)
            _first.Previous = record;
        _first = record;
        return record;
    }

    public void Remove(FailureRecord record)
    {
        if (record.Previous is not null)
            record.Previous.Next = record.Next;
        else if (ReferenceEquals(_first, record))
            _first = record.Next;
        if (record.Next is not null)
            record.Next.Previous = record.Previous;
        record.Previous = record.Next = null;
    }

    /// <summary>Notes, on the finalizer's thread, that a future is gone whose exception nobody saw.</summary>
    public void Abandon(FailureRecord record)
    {
        do
            record.NextAbandoned = _abandoned;
        while (Interlocked.CompareExchange(ref _abandoned, record, record.NextAbandoned) != record.NextAbandoned);
    }

    public void ReportAbandoned(EventLoop loop)
    {
        if (_abandoned is null)
            return;
        for (var record = Interlocked.Exchange(ref _abandoned, null); record is not null; record = record.NextAbandoned)
            Report(loop, record);
    }

    public void ReportAll(EventLoop loop)
    {
        while (_first is not null)
            Report(loop, _first);
    }

    private static void Report(EventLoop loop, FailureRecord record)
    {
        if (record.IsRetrieved)
            return;
        record.Retrieve();
        var report = new ExceptionContext(record.TaskName is null
            ? "The exception of a future was never retrieved."
            : $"The exception of task '{record.TaskName}' was never retrieved: nobody awaited it.")
        {
            Kind = ReportKind.ExceptionNeverRetrieved,
            Future = record.Future,
            SourceTraceback = record.Origin,
            Exception = record.Failure.SourceException,
            TaskName = record.TaskName,
        };
        if (record.Context is { } context)
            ExecutionContext.Run(context, _ => loop.CallExceptionHandler(report), null);
        else
            loop.CallExceptionHandler(report);
    }
}
