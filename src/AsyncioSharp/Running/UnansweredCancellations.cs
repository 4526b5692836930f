using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// While a runner waits for tasks that were cancelled: tells after a time which of them wait for code of .NET that does not
/// answer, and so perhaps for ever. Real time, on a loop of virtual time too: that code lives outside the loop.
/// </summary>
internal sealed class UnansweredCancellations : IDisposable
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1); // that a Timer takes

    private readonly EventLoop _loop;
    private readonly Timer _timer;

    public UnansweredCancellations(EventLoop loop, TimeSpan delay)
    {
        _loop = loop;
        _timer = new Timer(static watch => ((UnansweredCancellations)watch!).Look(), this, delay <= s_longest ? delay : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();

    private void Look() => _loop.PostOrDrop(new ThreadsafeCallback(Report, null));

    private void Report()
    {
        foreach (var task in _loop.AllTasks())
        {
            if (task.UnansweredWait is not IWaitTarget wait)
                continue;
            _loop.CallExceptionHandler(new ExceptionContext(
                $"Task '{task.Name}' was cancelled, and the run cannot end before it has. It waits for {wait.DescribeWait(task)}, which has not " +
                "answered. Pass Asyncio.CancellationToken to what it calls, or await the .NET task's AsFuture(), which can be left alone." +
                $"{Environment.NewLine}{Asyncio.FormatCallGraph(task)}")
            {
                Kind = ReportKind.CancellationUnanswered,
                Future = task,
            });
        }
    }
}
