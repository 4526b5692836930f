namespace AsyncioSharp.LowLevel;

/// <summary>What a loop's exception handler is told (the <c>context</c> of <c>loop.call_exception_handler()</c>).</summary>
/// <param name="Message">What happened (<c>message</c>).</param>
public sealed record ExceptionContext(string Message)
{
    /// <summary>What it is about.</summary>
    public ReportKind Kind { get; init; }

    /// <summary>The exception, if there is one (<c>exception</c>).</summary>
    public Exception? Exception { get; init; }

    /// <summary>The future or task concerned (<c>future</c>, <c>task</c>).</summary>
    public Future? Future { get; init; }

    /// <summary>The name of the task concerned, also where the task itself is gone.</summary>
    public string? TaskName { get; init; }

    /// <summary>The callback that failed (<c>handle</c>).</summary>
    public string? Callback { get; init; }

    /// <summary>The transport or protocol concerned (<c>transport</c>, <c>protocol</c>).</summary>
    public object? Source { get; init; }

    /// <summary>In debug mode, where the program made the task, future, callback or connection concerned
    /// (<c>source_traceback</c>).</summary>
    public IReadOnlyList<CallGraphFrame>? SourceTraceback { get; init; }
}
