using AsyncioSharp.LowLevel;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.Hosting;

/// <summary>
/// How the host runs loops. The values come from the section <c>Asyncio</c> of the configuration, for a service those
/// in <c>Asyncio:Services:NAME</c> as well, and from code. A loop that runs follows changes of
/// the configuration, except of what <see cref="ConfigureRunner"/> says beyond them.
/// </summary>
public sealed class AsyncioOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Asyncio";

    private readonly List<Func<RunnerOptions, RunnerOptions>> _runner = [];

    /// <summary>Debug mode (<see cref="EventLoop.Debug"/>); by default what <c>ASYNCIOSHARP_DEBUG</c> says.</summary>
    public bool? Debug { get; set; }

    /// <summary>From how long on a callback is reported in debug mode (<see cref="EventLoop.SlowCallbackDuration"/>); a tenth of a second by
    /// default.</summary>
    public TimeSpan? SlowCallbackDuration { get; set; }

    /// <summary>How long an iteration of the loop may take before that is logged (<see cref="EventLoop.StallThreshold"/>); a second
    /// by default, zero or null for any time.</summary>
    public TimeSpan? StallThreshold { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>For what spans are made (<see cref="EventLoop.TracedActivities"/>); for nothing by default.</summary>
    public TracedActivities TracedActivities { get; set; }

    /// <summary>How long a service is waited for after it was cancelled; by default as long as the host waits
    /// (<c>HostOptions.ShutdownTimeout</c>). What has not ended then is logged.</summary>
    public TimeSpan? StopTimeout { get; set; }

    /// <summary>How long the tasks are waited for that are left when a service's coroutine has ended; five seconds by default, null
    /// for as long as it takes.</summary>
    public TimeSpan? TaskShutdownTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long functions that still run on other threads (<c>Asyncio.ToThread</c>) are waited for; ten seconds by
    /// default.</summary>
    public TimeSpan ExecutorShutdownTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether a service that has failed is started again; never by default.</summary>
    public RestartPolicy Restart { get; set; }

    /// <summary>How long to wait before the first restart; a second by default. The time doubles with each failure in a
    /// row.</summary>
    public TimeSpan RestartDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long to wait at most; a minute by default.</summary>
    public TimeSpan MaxRestartDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How many restarts in a row are tried before the service has failed for good; any number by default.</summary>
    public int? MaxRestarts { get; set; }

    /// <summary>A service that ran for so long before it failed begins a new row; five minutes by default.</summary>
    public TimeSpan RestartResetAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>From which lag on the health check says degraded; half a second by default.</summary>
    public TimeSpan DegradedLag { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>From which lag on the health check says unhealthy, and waits no longer; three seconds by default.</summary>
    public TimeSpan UnhealthyLag { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Changes how the loops are run in ways for which there is no option, such as which kind of loop it is.</summary>
    /// <param name="change">Gets what the other options say, and gives what is to hold. It is called when a loop is started, and again when options
    /// change; what only the start of a loop can heed then waits for the next one.</param>
    public void ConfigureRunner(Func<RunnerOptions, RunnerOptions> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        _runner.Add(change);
    }

    internal RunnerOptions ToRunnerOptions(string name, ILoggerFactory loggerFactory)
    {
        var runner = new RunnerOptions
        {
            Name = name,
            Debug = Debug,
            SlowCallbackDuration = SlowCallbackDuration,
            LoggerFactory = loggerFactory,
            StallThreshold = StallThreshold > TimeSpan.Zero ? StallThreshold : null,
            TracedActivities = TracedActivities,
            TaskShutdownTimeout = TaskShutdownTimeout,
            ExecutorShutdownTimeout = ExecutorShutdownTimeout,
        };
        return _runner.Aggregate(runner, static (options, change) => change(options));
    }
}
