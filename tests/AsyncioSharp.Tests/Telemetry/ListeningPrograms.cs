using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using System.Runtime.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Telemetry;

/// <summary>
/// Programs that begin to listen to their loop while it runs, and print what they were told. What a listener's class needs is not
/// loaded before: hence a method for each, which is not inlined.
/// </summary>
internal static class ListeningPrograms
{
    public const string Prefix = "listens: ";
    public const string Meter = Prefix + "to the meter";
    public const string EventsBeforePause = Prefix + "to events, before the loop waits";
    public const string EventsAfterPause = Prefix + "to events, after the loop has waited";
    public const string EventsWithoutPause = Prefix + "to events of a loop that never waits";
    public const string EventsFromTheStart = Prefix + "to events before there is a loop";
    public const string Spans = Prefix + "to spans";
    public const string Nothing = Prefix + "to nothing";
    public const string Watched = Prefix + "to nothing, and waits to be watched";

    private const string MetricsAssembly = "System.Diagnostics.DiagnosticSource";
    private const string EventsAssembly = "System.Diagnostics.Tracing";

    private static object? s_listener;

    public static int Run(string name)
    {
        switch (name)
        {
            case Meter:
                Asyncio.Run(ReadMeterAsync(), new RunnerOptions { Name = "metered" });
                break;
            case EventsBeforePause:
                Asyncio.Run(ListenAsync(waits: false));
                break;
            case EventsAfterPause:
                Asyncio.Run(ListenAsync(waits: true));
                break;
            case EventsWithoutPause:
                RunCallbacks();
                break;
            case EventsFromTheStart:
                ListenToEvents();
                Asyncio.Run(WorkAsync());
                break;
            case Spans:
                Asyncio.Run(TraceAsync(), new RunnerOptions { TracedActivities = TracedActivities.Tasks });
                break;
            case Nothing:
                Asyncio.Run(WaitAsync());
                break;
            case Watched:
                Asyncio.Run(TickAsync(), new RunnerOptions { Name = "watched" });
                break;
            default:
                throw new ArgumentException(name);
        }
        return 0;
    }

    // Until it is killed, or its parent is gone for long.
    private static async Coroutine TickAsync()
    {
        await WaitAsync();
        RequireNotLoaded(MetricsAssembly);
        Console.WriteLine("runs");
        for (var i = 0; i < 60_000; i++)
            await Asyncio.CreateTask(WaitAsync());
    }

    private static async Coroutine ReadMeterAsync()
    {
        await WaitAsync();
        RequireNotLoaded(MetricsAssembly);
        ListenToMeter();
        await WaitAsync();
        await WaitAsync();
        ReadMeter();
    }

    private static async Coroutine ListenAsync(bool waits)
    {
        await (waits ? WaitAsync() : Asyncio.Yield());
        if (!waits)
            RequireNotLoaded(EventsAssembly);
        ListenToEvents();
        await WorkAsync();
    }

    private static async Coroutine TraceAsync()
    {
        await WaitAsync();
        ListenToSpans();
        await WorkAsync();
    }

    private static void RunCallbacks()
    {
        using var loop = EventLoop.New();
        loop.ExceptionHandler = static (_, e) => Environment.FailFast(e.Message, e.Exception);
        loop.CallSoon(() =>
        {
            RequireNotLoaded(EventsAssembly);
            ListenToEvents();
            loop.CallSoon(loop.Stop);
        });
        loop.RunForever();
    }

    private static async Coroutine WorkAsync() => await Asyncio.CreateTask(Asyncio.Yield(), name: "work");

    private static Coroutine WaitAsync() => Asyncio.Sleep(0.001);

    // If it was there already, the program shows nothing.
    private static void RequireNotLoaded(string assembly)
    {
        foreach (var loaded in AppDomain.CurrentDomain.GetAssemblies())
        {
            if (loaded.GetName().Name == assembly)
                throw new InvalidOperationException($"{assembly} was loaded before somebody listens.");
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ListenToMeter()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == "AsyncioSharp")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>(static (instrument, _, tags, _) => Print(instrument, tags));
        listener.SetMeasurementEventCallback<double>(static (instrument, _, tags, _) => Print(instrument, tags));
        listener.Start();
        s_listener = listener;

        static void Print(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            Console.WriteLine($"{instrument.Name} {tags[0].Value}");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ReadMeter() => ((MeterListener)s_listener!).RecordObservableInstruments();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ListenToEvents() => s_listener = new EventPrinter();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ListenToSpans() => ActivitySource.AddActivityListener(new ActivityListener
    {
        ShouldListenTo = static source => source.Name == "AsyncioSharp",
        Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
        ActivityStopped = static activity => Console.WriteLine(activity.GetTagItem("asyncio.task.name")),
    });

    private sealed class EventPrinter : EventListener
    {
        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "AsyncioSharp")
                EnableEvents(eventSource, EventLevel.Informational);
        }

        protected override void OnEventWritten(EventWrittenEventArgs e)
        {
            if (e.EventSource.Name == "AsyncioSharp")
                Console.WriteLine(e.EventName);
        }
    }
}
