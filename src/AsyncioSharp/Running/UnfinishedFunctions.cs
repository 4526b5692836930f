using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// While the end of a run waits for functions that run on other threads: tells after a time how many hold it up, and how long they may.
/// </summary>
internal sealed class UnfinishedFunctions : LateReport
{
    private readonly long? _until;

    private UnfinishedFunctions(EventLoop loop, TimeSpan delay, TimeSpan? timeout)
        : base(loop, delay) => _until = timeout is { } time && loop is not VirtualEventLoop ? loop.Deadline(time) : null; // whose clock stands still

    /// <summary>Watches until it is disposed of.</summary>
    /// <returns>Null if there is nothing to tell: no function runs, or all are left alone before it would be told.</returns>
    public static UnfinishedFunctions? Watch(EventLoop loop, RunnerOptions options)
    {
        var timeout = Durations.Finite(options.ExecutorShutdownTimeout);
        return loop.RunningInExecutor == 0 || timeout <= options.UnansweredReportDelay
            ? null
            : new UnfinishedFunctions(loop, options.UnansweredReportDelay, timeout);
    }

    protected override void Report()
    {
        var count = Loop.RunningInExecutor;
        if (count == 0)
            return;
        var functions = count == 1 ? "1 function that runs on another thread" : $"{count} functions that run on other threads";
        var limit = _until is { } until ? $", for at most {TimeSpan.FromTicks(until - Loop.Now).TotalSeconds:0} s more" : "";
        Loop.CallExceptionHandler(new ExceptionContext(
            $"The run has ended but for {functions}: it waits for {(count == 1 ? "it" : "them")}{limit}. " +
            "Have such functions look at a token, which Asyncio.ToThread passes to those that take one, or lower " +
            "RunnerOptions.ExecutorShutdownTimeout.")
        {
            Kind = ReportKind.FunctionsUnfinished,
        });
    }
}
