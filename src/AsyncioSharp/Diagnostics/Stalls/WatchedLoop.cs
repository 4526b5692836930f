using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// A loop that runs, as the <see cref="StallWatchdog"/>'s thread sees it. That thread only reads what cannot change into something
/// else under it: numbers, and references to objects that keep their type.
/// </summary>
internal sealed class WatchedLoop
{
    private readonly EventLoop _loop;
    private readonly string? _thread = ThreadUsage.DirectoryOfThisThread();
    private long _runs = -1;
    private TimeSpan _stalled;
    private UsageSamples _usage;
    private StallReport? _reported;
    private bool _hasEnded;

    /// <summary>Made on the loop's thread.</summary>
    public WatchedLoop(EventLoop loop, TimeSpan threshold)
    {
        _loop = loop;
        Threshold = threshold;
    }

    public TimeSpan Threshold { get; }

    /// <summary>Whether the loop has stopped running, or is not to be watched any more.</summary>
    public bool HasEnded
    {
        get => Volatile.Read(ref _hasEnded);
        set => Volatile.Write(ref _hasEnded, value);
    }

    /// <summary>Whether it has ended, and all was said.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Compares the loop with how it was the last time.</summary>
    /// <param name="elapsed">The time since.</param>
    public void Look(TimeSpan elapsed)
    {
        var (runs, hasEnded) = (_loop.Runs, HasEnded);
        if (runs != _runs || _loop.IsWaiting || hasEnded)
        {
            if (_reported is { } report)
                _loop.ReportStall(report with { HasRecovered = true, Duration = _stalled + elapsed });
            IsDone = hasEnded;
            _reported = null;
            _runs = runs;
            _stalled = TimeSpan.Zero;
            _usage = default;
            return;
        }
        _usage.Add(_thread);
        _stalled += elapsed;
        if (_reported is null && _stalled >= Threshold)
            Report();
    }

    public void ReportFailure(Exception exception) =>
        _loop.Report(Microsoft.Extensions.Logging.LogLevel.Error, "The stall watchdog could not look at the event loop.", exception);

    private void Report()
    {
        var task = _loop.CurrentTask;
        var frames = ReadFrames(task);
        var kind = _usage.Kind;
        var report = new StallReport(_loop)
        {
            Duration = _stalled,
            TaskName = task?.Name,
            AwaitStack = frames,
            Kind = kind,
            KernelFunction = kind == StallKind.Blocked ? ThreadUsage.KernelFunction(_thread) : null,
        };
        // What was read belongs to this stall only if it has not ended meanwhile. A task that has ended, or another one,
        // would say that the iteration goes on with many short steps.
        if (_loop.Runs != _runs || _loop.IsWaiting)
            return;
        if (!ReferenceEquals(_loop.CurrentTask, task))
            report = report with { TaskName = null, AwaitStack = [] };
        _reported = report;
        _loop.ReportStall(report);
    }

    /// <summary>Frames are reused while they are read, and the task may step. What was read twice alike was so.</summary>
    private static List<CallGraphFrame> ReadFrames(AsyncioTask? task)
    {
        if (task is null)
            return [];
        var frames = task.PeekFrames();
        return frames.SequenceEqual(task.PeekFrames()) ? frames : [];
    }
}
