using AsyncioSharp.LowLevel;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp;

/// <summary>How <see cref="Asyncio.Run(Coroutine, RunnerOptions?)"/>, <see cref="Runner"/> and <see cref="EventLoopThread"/> run a loop.</summary>
public sealed record RunnerOptions
{
    /// <summary>Debug mode (<see cref="EventLoop.Debug"/>); by default what <c>ASYNCIOSHARP_DEBUG</c> says.</summary>
    public bool? Debug { get; init; }

    /// <summary>Makes the loop; by default <see cref="EventLoop.New"/>.</summary>
    public Func<EventLoop>? LoopFactory { get; init; }

    /// <summary>Where the loop logs what it has to report; by default it writes to the standard error.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>How long an iteration of the loop may take before it is reported while it lasts (<see cref="EventLoop.StallThreshold"/>);
    /// by default for any time.</summary>
    public TimeSpan? StallThreshold { get; init; }

    /// <summary>Told of stalls beside the log (<see cref="EventLoop.StallHandler"/>).</summary>
    public Action<StallReport>? StallHandler { get; init; }

    /// <summary>Whether Ctrl-C cancels the main task (true by default); the second Ctrl-C ends the process.</summary>
    public bool HandleInterrupt { get; init; } = true;

    /// <summary>How long the end waits for functions that still run in the executor; five minutes by default.</summary>
    public TimeSpan ExecutorShutdownTimeout { get; init; } = TimeSpan.FromMinutes(5);
}
