using System.Diagnostics.Tracing;
using System.Text;
using Microsoft.Diagnostics.NETCore.Client;

namespace AsyncioSharp.Tests.Telemetry;

/// <summary>
/// A tool that attaches to a running process, by what <c>dotnet-counters monitor --counters AsyncioSharp</c> asks for. Takes a second or two
/// of real time: no refresh is shorter, and the runtime of another process knows no virtual one.
/// </summary>
public sealed class AttachedToolTests
{
    private const long TimeSeriesValues = 2;

    // As the events have them; the tags of a time series are one string.
    private static readonly string[] s_sought =
    [
        "asyncio.task.active", "asyncio.task.created", "asyncio.task.completed",
        "asyncio.loop.utilization", "asyncio.loop.lag", "asyncio.loop.iteration.duration",
        "asyncio.timer.count", "asyncio.loop.name=watched", "asyncio.loop.name=watched,asyncio.task.outcome=succeeded",
    ];

    [Fact]
    public async Task It_is_told_the_metrics_of_a_loop_that_runs_since_long()
    {
        using var program = new ChildProgram(ListeningPrograms.Watched, [new("DOTNET_TC_QuickJit", "1")]);
        Assert.Equal("runs", program.ReadLine());
        var session = Guid.NewGuid().ToString();
        using var pipe = new DiagnosticsClient(program.Id).StartEventPipeSession(new EventPipeProvider(
            "System.Diagnostics.Metrics", EventLevel.Informational, TimeSeriesValues, new Dictionary<string, string>
            {
                ["SessionId"] = session,
                ["ClientId"] = session,
                ["Metrics"] = "AsyncioSharp",
                ["RefreshInterval"] = "1",
                ["MaxTimeSeries"] = "1000",
                ["MaxHistograms"] = "20",
            }), requestRundown: false);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        Assert.Empty(await MissingAsync(pipe.EventStream, patience.Token));
    }

    /// <summary>Reads until everything sought has been found, or patience ends.</summary>
    private static async Task<IEnumerable<string>> MissingAsync(Stream events, CancellationToken patience)
    {
        var missing = s_sought.ToDictionary(static text => text, Encoding.Unicode.GetBytes);
        var trace = new MemoryStream();
        var buffer = new byte[64 * 1024];
        try
        {
            while (missing.Count > 0 && await events.ReadAsync(buffer, patience) is > 0 and var count)
            {
                trace.Write(buffer, 0, count);
                foreach (var (text, bytes) in missing)
                {
                    if (trace.GetBuffer().AsSpan(0, (int)trace.Length).IndexOf(bytes) >= 0)
                        missing.Remove(text);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // what is missing says more
        }
        return missing.Keys;
    }
}
