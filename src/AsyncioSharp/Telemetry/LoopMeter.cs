using System.Diagnostics.Metrics;
using AsyncioSharp.LowLevel;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// The meter <c>AsyncioSharp</c>. Most of its instruments are asked for what the loops count anyway; the histograms are fed by
/// the loops while somebody listens, which a loop looks at whenever it polls. Names and units are those of OpenTelemetry's
/// conventions.
/// </summary>
internal static class LoopMeter
{
    private const string Outcome = "asyncio.task.outcome";
    private const string Direction = "network.io.direction";

    private static readonly Meter s_meter = new("AsyncioSharp", typeof(LoopMeter).Assembly.GetName().Version?.ToString(3));

    /// <summary>From a microsecond, which a short step takes, to ten seconds.</summary>
    private static readonly InstrumentAdvice<double> s_buckets = new()
    {
        HistogramBucketBoundaries = [1e-6, 1e-5, 1e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private static readonly Histogram<double> s_lag = s_meter.CreateHistogram(
        "asyncio.loop.lag", "s", "How much later than its deadline the first of the timers due in an iteration was run.", null, s_buckets);

    private static readonly Histogram<double> s_iterationDuration = s_meter.CreateHistogram(
        "asyncio.loop.iteration.duration", "s",
        "How long one iteration ran callbacks and tasks, without waiting for input and output.", null, s_buckets);

    private static readonly Histogram<double> s_stepDuration = s_meter.CreateHistogram(
        "asyncio.loop.step.duration", "s",
        "How long one callback, or one step of a task, ran. A sample: all steps of one iteration in 16, chosen at random.", null, s_buckets);

    private static readonly Counter<long> s_stalls = s_meter.CreateCounter<long>(
        "asyncio.loop.stalls", "{stall}", "How often the loop has not turned for longer than its stall threshold.");

    private static readonly ObservableGauge<double> s_utilization = s_meter.CreateObservableGauge(
        "asyncio.loop.utilization", Utilizations, "1", "The share of its time in which the loop had work, since it was asked for the last time.");

    static LoopMeter()
    {
        s_meter.CreateObservableUpDownCounter(
            "asyncio.loop.ready_queue.length", () => Each(static loop => Math.Max(0, loop.Ready.Count)), "{callback}",
            "How many callbacks and tasks are ready and wait for their turn.");
        s_meter.CreateObservableCounter(
            "asyncio.loop.callbacks", () => Each(static loop => loop.Runs), "{callback}",
            "How many callbacks and steps of tasks were run.");
        s_meter.CreateObservableUpDownCounter(
            "asyncio.timer.count", () => Each(static loop => loop.Timers.Count), "{timer}",
            "How many timers are armed; sleeping tasks are among them, but for those that sleep for ever.");
        s_meter.CreateObservableUpDownCounter(
            "asyncio.task.active", () => Each(static loop => Math.Max(0, loop.Tasks.Count)), "{task}",
            "How many tasks have not ended.");
        s_meter.CreateObservableCounter(
            "asyncio.task.created", () => Each(static loop => loop.Counters.TasksCreated), "{task}",
            "How many tasks were made.");
        s_meter.CreateObservableCounter(
            "asyncio.task.completed", CompletedTasks, "{task}",
            "How many tasks have ended, by how they did.");
        s_meter.CreateObservableUpDownCounter(
            "asyncio.transport.active",
            () => Each(static loop => Math.Max(0, loop.Counters.TransportsOpened - loop.Counters.TransportsClosed)), "{transport}",
            "How many connections, datagram endpoints and pipes are open.");
        s_meter.CreateObservableCounter(
            "asyncio.transport.opened", () => Each(static loop => loop.Counters.TransportsOpened), "{transport}",
            "How many connections, datagram endpoints and pipes were opened.");
        s_meter.CreateObservableCounter(
            "asyncio.transport.io", TransportBytes, "By",
            "How many bytes transports have received from the system, and given to it.");
        s_meter.CreateObservableCounter(
            "asyncio.server.accepted", () => Each(static loop => loop.Counters.ConnectionsAccepted), "{connection}",
            "How many connections servers have accepted.");
    }

    /// <summary>Makes the instruments, unless they exist.</summary>
    public static void Make()
    {
        // Done before: by the static constructor.
    }

    /// <summary>Whether somebody wants to know what has to be measured for it.</summary>
    public static bool Measures => s_iterationDuration.Enabled || s_lag.Enabled || s_utilization.Enabled || s_stepDuration.Enabled;

    public static bool MeasuresSteps => s_stepDuration.Enabled;

    public static void RecordLag(EventLoop loop, long ticks) => Record(s_lag, loop, ticks);

    public static void RecordIteration(EventLoop loop, long ticks) => Record(s_iterationDuration, loop, ticks);

    public static void RecordStep(EventLoop loop, long ticks) => Record(s_stepDuration, loop, ticks);

    public static void RecordStall(EventLoop loop)
    {
        try
        {
            s_stalls.Add(1, loop.NameTag);
        }
        catch (Exception e)
        {
            ReportListener(loop, e);
        }
    }

    // Listeners are called here and now: one that fails must not end the loop.
    private static void Record(Histogram<double> histogram, EventLoop loop, long ticks)
    {
        try
        {
            histogram.Record((double)ticks / TimeSpan.TicksPerSecond, loop.NameTag);
        }
        catch (Exception e)
        {
            ReportListener(loop, e);
        }
    }

    private static void ReportListener(EventLoop loop, Exception exception) =>
        loop.Report(LogLevel.Error, "Who listens to the metrics of the event loop failed.", exception, ReportKind.TelemetryFailed);

    private static IEnumerable<Measurement<long>> Each(Func<EventLoop, long> value) =>
        LoopDirectory.Snapshot().Select(loop => new Measurement<long>(value(loop), loop.NameTag));

    private static IEnumerable<Measurement<double>> Utilizations()
    {
        foreach (var loop in LoopDirectory.Snapshot())
        {
            if (loop.Utilization.Read(loop.Now, loop.IsWaiting || !loop.IsRunning) is { } share)
                yield return new Measurement<double>(share, loop.NameTag);
        }
    }

    private static IEnumerable<Measurement<long>> CompletedTasks()
    {
        foreach (var loop in LoopDirectory.Snapshot())
        {
            var (failed, canceled) = (loop.Counters.TasksFailed, loop.Counters.TasksCanceled);
            // Read in this order: a task that ends in between is counted as active a moment longer.
            var ended = Math.Max(failed + canceled, loop.Counters.TasksCreated - loop.Tasks.Count);
            yield return new Measurement<long>(ended - failed - canceled, loop.NameTag, new(Outcome, "succeeded"));
            yield return new Measurement<long>(failed, loop.NameTag, new(Outcome, "failed"));
            yield return new Measurement<long>(canceled, loop.NameTag, new(Outcome, "canceled"));
        }
    }

    private static IEnumerable<Measurement<long>> TransportBytes()
    {
        foreach (var loop in LoopDirectory.Snapshot())
        {
            yield return new Measurement<long>(
                loop.Counters.BytesReceived + Volatile.Read(ref loop.Counters.BytesReceivedElsewhere), loop.NameTag, new(Direction, "receive"));
            yield return new Measurement<long>(
                loop.Counters.BytesSent + Volatile.Read(ref loop.Counters.BytesSentElsewhere), loop.NameTag, new(Direction, "transmit"));
        }
    }
}
