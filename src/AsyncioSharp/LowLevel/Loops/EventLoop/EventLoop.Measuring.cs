using System.Diagnostics.Tracing;
using AsyncioSharp.CompilerServices;

namespace AsyncioSharp.LowLevel;

// What metrics, traces and events tell of a loop; what they cost while nobody listens is a look at a field in each iteration.
public abstract partial class EventLoop
{
    // One iteration in sixteen on average: at random, as a program may have a rhythm of its own.
    private const int LongestSampleGap = 31;

    internal LoopCounters Counters;
    internal readonly LoopUtilization Utilization = new();

    private string? _name;
    private bool _measures;
    private bool _timesSteps; // in debug mode, and in a sample of the iterations
    private bool _samplesSteps;
    private int _untilSample;
    private long _measuredAt; // when the last wait or iteration ended; 0 if that was not measured

    /// <summary>
    /// Its name in metrics, traces, events and logs; by default <c>loop-</c> and the lowest number that no other open loop of the
    /// process has. Two loops should not share one: their metrics could not be told apart. May be read on any thread.
    /// </summary>
    public string Name
    {
        get => _name ?? MakeName();
        set
        {
            ArgumentException.ThrowIfNullOrEmpty(value);
            _name = value;
        }
    }

    /// <summary>
    /// For what the activity source <c>AsyncioSharp</c> makes spans; for nothing by default. It has to have a listener as well.
    /// Tasks and connections that exist already get none.
    /// </summary>
    public TracedActivities TracedActivities { get; set; }

    /// <summary>Its place among the loops of the process, which the directory of them gives it.</summary>
    internal int Number { get; set; }

    // Not made before somebody asks, which may be on any thread while the program gives another.
    private string MakeName()
    {
        var made = $"loop-{Number}";
        return Interlocked.CompareExchange(ref _name, made, null) ?? made;
    }

    /// <summary>The name as measurements carry it.</summary>
    internal KeyValuePair<string, object?> NameTag => new("asyncio.loop.name", Name);

    // While there is work it polls every few hundred callbacks, and otherwise before it waits: soon enough to notice that somebody
    // listens now, or does no more.
    private void UpdateMeasuring()
    {
        TelemetryOnDemand.Pause();
        var measures = TelemetryOnDemand.HasMeter && LoopMeter.Measures;
        if (measures == _measures)
            return;
        _measures = measures;
        _timesSteps = _debug;
        _measuredAt = 0;
        Utilization.Restart(measures, Now);
    }

    // An iteration ends where the next wait begins, and begins where the last has ended: the clock is read once for both.
    private void WaitMeasured()
    {
        Utilization.BeginWait(_measuredAt != 0 ? _measuredAt : Now);
        Wait();
        Utilization.EndWait(_measuredAt = Now);
    }

    // Between two runs, or two steps of a host, it waits.
    private void PauseMeasuring()
    {
        if (_measures)
            Utilization.BeginWait(Now);
    }

    private void ResumeMeasuring()
    {
        _measuredAt = 0;
        if (_measures)
            Utilization.EndWait(Now);
    }

    private void RunMeasured(long end)
    {
        _samplesSteps = LoopMeter.MeasuresSteps && --_untilSample < 0;
        _timesSteps = _debug || _samplesSteps;
        var began = _measuredAt != 0 ? _measuredAt : Now;
        RunReady(end);
        _measuredAt = Now;
        LoopMeter.RecordIteration(this, _measuredAt - began);
        if (!_samplesSteps)
            return;
        _samplesSteps = false;
        _timesSteps = _debug;
        _untilSample = Random.Shared.Next(LongestSampleGap);
    }

    private void RunSampled(object item)
    {
        if (!_samplesSteps)
        {
            RunItem(item);
            return;
        }
        var began = Now;
        try
        {
            RunItem(item);
        }
        finally
        {
            LoopMeter.RecordStep(this, Now - began);
        }
    }

    private void MeasureLag(long now)
    {
        var late = now - Timers.NextDeadline;
        if (late >= 0)
            LoopMeter.RecordLag(this, late);
    }

    private void NoteStart()
    {
        ResumeMeasuring();
        if (TelemetryOnDemand.WritesEvents)
            WriteStart();
    }

    private void NoteStop()
    {
        PauseMeasuring();
        if (TelemetryOnDemand.WritesEvents)
            WriteStop();
    }

    private void WriteStart()
    {
        if (AsyncioEventSource.Log.IsEnabled(EventLevel.Informational, AsyncioEventSource.Keywords.Loops))
            AsyncioEventSource.Log.LoopStart(Name, GetType().Name);
    }

    private void WriteStop()
    {
        if (AsyncioEventSource.Log.IsEnabled(EventLevel.Informational, AsyncioEventSource.Keywords.Loops))
            AsyncioEventSource.Log.LoopStop(Name, _runs);
    }

    // On the watchdog's thread.
    private void NoteStall(StallReport report)
    {
        if (!report.HasRecovered && TelemetryOnDemand.HasMeter)
            LoopMeter.RecordStall(this);
        if (TelemetryOnDemand.WritesEvents)
            WriteStall(report);
    }

    private void WriteStall(StallReport report)
    {
        if (!AsyncioEventSource.Log.IsEnabled(EventLevel.Warning, AsyncioEventSource.Keywords.Stalls))
            return;
        var (milliseconds, task, kind) = (report.Duration.TotalMilliseconds, report.TaskName ?? "", report.Kind.ToString());
        if (report.HasRecovered)
            AsyncioEventSource.Log.LoopRecovered(Name, milliseconds, task, kind);
        else
            AsyncioEventSource.Log.LoopStalled(Name, milliseconds, task, kind);
    }
}
