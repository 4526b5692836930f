using AsyncioSharp.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    private TimeSpan? _stallThreshold;
    private WatchedLoop? _watched;
    private bool _isWaiting;

    /// <summary>
    /// How long an iteration may take before that is reported while it lasts; null, which is the default, for any time. A
    /// thread that all loops of the process share looks at the loop four times in this time; the loop itself pays
    /// nothing that could be measured, so that it can be left on in production. Waiting is no stall, however long.
    /// </summary>
    /// <remarks>
    /// What is seen is logged as a warning, with what the loop is stuck in, and again when it turns again, with how long it
    /// took (see <see cref="StallReport"/>). <see cref="StallHandler"/> is told as well. Time in which the process or the
    /// machine stood still does not count.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">It is not more than zero.</exception>
    public TimeSpan? StallThreshold
    {
        get => _stallThreshold;
        set
        {
            if (value is { } threshold)
                ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(threshold, TimeSpan.Zero, nameof(value));
            CheckThread();
            _stallThreshold = value;
            if (IsRunning)
                BeginWatching();
            else
                EndWatching(); // and begins again with its next run
        }
    }

    /// <summary>
    /// Told of each stall when it is noticed, and when it is over; after it was logged. It is called on the thread that
    /// watches all loops: it must be quick, and must not wait for the loop.
    /// </summary>
    public Action<StallReport>? StallHandler { get; set; }

    /// <summary>How much was run so far; it has gone up at the beginning of an iteration. For any thread.</summary>
    internal long Runs => Volatile.Read(ref _runs);

    /// <summary>Whether there is nothing to do, and the loop's thread waits for input, output, other threads or the time. For any
    /// thread.</summary>
    internal bool IsWaiting => Volatile.Read(ref _isWaiting);

    /// <summary>Logs a stall or its end, and tells the handler; on the watchdog's thread. It does not throw.</summary>
    internal void ReportStall(StallReport report)
    {
        try
        {
            if (ReferenceEquals(Logger, NullLogger.Instance))
                ReportToStandardError(report.ToString(), null);
            else
                Logger.Log(LogLevel.Warning, EventOf(report), report.Properties, null, (_, _) => report.ToString());
        }
        catch (Exception e)
        {
            ReportToStandardError($"The logger failed: {e.Message} It was told: {report}", null);
        }
        try
        {
            StallHandler?.Invoke(report);
        }
        catch (Exception e)
        {
            Report(LogLevel.Error, "The stall handler failed.", e, ReportKind.TelemetryFailed);
        }
        NoteStall(report);
    }

    private static EventId EventOf(StallReport report) => report.HasRecovered
        ? new EventId((int)ReportKind.EventLoopRecovered, nameof(ReportKind.EventLoopRecovered))
        : new EventId((int)ReportKind.EventLoopStalled, nameof(ReportKind.EventLoopStalled));

    private void BeginWatching()
    {
        EndWatching();
        if (_stallThreshold is { } threshold)
            _watched = StallWatchdog.Watch(this, threshold);
    }

    private void EndWatching()
    {
        _watched?.HasEnded = true;
        _watched = null;
    }
}
