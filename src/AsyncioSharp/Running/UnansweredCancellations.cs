using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// While a runner waits for tasks that were cancelled: tells after a time which of them wait for what the loop cannot hurry, code of
/// .NET that does not answer, or peers of a server that do not read.
/// </summary>
internal sealed class UnansweredCancellations(EventLoop loop, TimeSpan delay) : LateReport(loop, delay)
{
    protected override void Report()
    {
        HashSet<Server>? servers = null;
        foreach (var task in Loop.AllTasks())
        {
            if (task.UnansweredWait is IWaitTarget wait)
            {
                Report(task, $"It waits for {wait.DescribeWait(task)}, which has not answered. " +
                    "Pass Asyncio.CancellationToken to what it calls, or await the .NET task's AsFuture(), which can be left alone.");
            }
            else if (task is { CancelRequests: > 0, WaitingOn: ParkingLot { Owner: Server { WaitsForClients: true } server } }
                && (servers ??= []).Add(server))
            {
                var connections = server.ClientCount == 1 ? "1 connection" : $"{server.ClientCount} connections";
                Report(task, $"It waits until {connections} of {server} can send what was written, which takes for ever if a peer does not read. " +
                    "End the server with ShutdownAsync(grace), which cuts off those that take longer.");
            }
        }
    }

    private void Report(AsyncioTask task, string waitsFor) => Loop.CallExceptionHandler(new ExceptionContext(
        $"Task '{task.Name}' was cancelled, and the run cannot end before it has. {waitsFor}{Environment.NewLine}{Asyncio.FormatCallGraph(task)}")
    {
        Kind = ReportKind.CancellationUnanswered,
        Future = task,
    });
}
