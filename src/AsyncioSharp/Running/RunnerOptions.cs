using AsyncioSharp.LowLevel;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp;

/// <summary>How <see cref="Asyncio.Run(Coroutine, RunnerOptions?)"/>, <see cref="Runner"/> and <see cref="EventLoopThread"/> run a loop.</summary>
public sealed record RunnerOptions
{
    /// <summary>Debug mode (<see cref="EventLoop.Debug"/>); by default what <c>ASYNCIOSHARP_DEBUG</c> says.</summary>
    public bool? Debug { get; init; }

    /// <summary>From how long on a callback is reported in debug mode (<see cref="EventLoop.SlowCallbackDuration"/>); a tenth of a second by
    /// default.</summary>
    public TimeSpan? SlowCallbackDuration { get; init; }

    /// <summary>Makes the loop (<c>loop_factory</c>); by default <see cref="EventLoop.New"/>.</summary>
    public Func<EventLoop>? LoopFactory { get; init; }

    /// <summary>Where the loop logs what it has to report; by default it writes to the standard error.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>The loop's name in metrics, traces, events and logs (<see cref="EventLoop.Name"/>), and that of the thread of an
    /// <see cref="EventLoopThread"/>; by default the loop gets a number.</summary>
    public string? Name { get; init; }

    /// <summary>For what the loop makes spans (<see cref="EventLoop.TracedActivities"/>); for nothing by default.</summary>
    public TracedActivities TracedActivities { get; init; }

    /// <summary>How long an iteration of the loop may take before it is reported while it lasts (<see cref="EventLoop.StallThreshold"/>);
    /// by default for any time.</summary>
    public TimeSpan? StallThreshold { get; init; }

    /// <summary>Told of stalls beside the log (<see cref="EventLoop.StallHandler"/>).</summary>
    public Action<StallReport>? StallHandler { get; init; }

    /// <summary>
    /// Whether Ctrl-C cancels the main task (true by default), whose <c>finally</c> blocks may await as ever; the second Ctrl-C
    /// ends the process at once. If the task ends as cancelled by it, <see cref="InterruptedException"/> is thrown;
    /// or is the failure of <see cref="GuestRun.Completion"/>.
    /// </summary>
    public bool HandleInterrupt { get; init; } = true;

    /// <summary>Whether SIGTERM, by which services and containers are stopped, does the same as Ctrl-C (false by
    /// default).</summary>
    public bool HandleTermination { get; init; }

    /// <summary>How long the end waits for tasks that are left and were cancelled; by default as long as it takes. Those that
    /// have not ended by then are reported, and never go on.</summary>
    public TimeSpan? TaskShutdownTimeout { get; init; }

    /// <summary>How long, after Ctrl-C and at the end, cancelled tasks may wait for .NET's code that does not answer, or for connections of a
    /// server that have data to send, before they are reported by name; ten seconds by default. They are waited for all the same. At the
    /// end functions that still run in the executor are reported as well when it has waited for them as long.</summary>
    public TimeSpan UnansweredReportDelay { get; init; } = new(10 * TimeSpan.TicksPerSecond);

    /// <summary>How long the end waits for functions that still run in the executor; five minutes by default.</summary>
    public TimeSpan ExecutorShutdownTimeout { get; init; } = new(5 * TimeSpan.TicksPerMinute);

    /// <summary>Makes the loop.</summary>
    internal EventLoop MakeLoop()
    {
        var loop = LoopFactory is { } factory
            ? factory() ?? throw new InvalidOperationException("RunnerOptions.LoopFactory gave null instead of a loop.")
            : EventLoop.New();
        try
        {
            Configure(loop);
        }
        catch
        {
            loop.Close(); // it is nobody's yet
            throw;
        }
        return loop;
    }

    private void Configure(EventLoop loop)
    {
        if (Name is { } name)
            loop.Name = name;
        if (TracedActivities != TracedActivities.None)
            loop.TracedActivities = TracedActivities;
        if (Debug is { } debug)
            loop.Debug = debug;
        if (SlowCallbackDuration is { } duration)
            loop.SlowCallbackDuration = duration;
        if (LoggerFactory is { } factory)
            loop.Logger = factory.CreateLogger("AsyncioSharp");
        if (StallThreshold is { } threshold)
            loop.StallThreshold = threshold;
        if (StallHandler is { } handler)
            loop.StallHandler = handler;
    }
}
