using System.Diagnostics.Tracing;

namespace AsyncioSharp.CompilerServices;

/// <summary>The event source <c>AsyncioSharp</c>, for <c>dotnet-trace</c> and its like. Each kind of event has a keyword.</summary>
[EventSource(Name = "AsyncioSharp")]
internal sealed class AsyncioEventSource : EventSource
{
    public static class Keywords
    {
        public const EventKeywords Loops = (EventKeywords)1;
        public const EventKeywords Tasks = (EventKeywords)2;
        public const EventKeywords Connections = (EventKeywords)4;
        public const EventKeywords Stalls = (EventKeywords)8;
    }

    public static readonly AsyncioEventSource Log = new();

    // With the name given, it is not read from the attribute by reflection, which takes longer than all the rest.
    private AsyncioEventSource()
        : base("AsyncioSharp", EventSourceSettings.EtwManifestEventFormat)
    {
    }

    /// <summary>Makes it, unless it exists.</summary>
    public static void Make() => _ = Log;

    protected override void OnEventCommand(EventCommandEventArgs command) => TelemetryOnDemand.BeginEvents();

    [Event(1, Level = EventLevel.Informational, Keywords = Keywords.Loops, Message = "Event loop {0} runs")]
    public void LoopStart(string loop, string kind) => WriteEvent(1, loop, kind);

    [Event(2, Level = EventLevel.Informational, Keywords = Keywords.Loops, Message = "Event loop {0} has stopped")]
    public void LoopStop(string loop, long callbacks) => WriteEvent(2, new EventSourcePrimitive[] { loop, callbacks });

    [Event(3, Level = EventLevel.Warning, Keywords = Keywords.Stalls, Message = "Event loop {0} has not turned for {1} ms")]
    public void LoopStalled(string loop, double milliseconds, string task, string kind) =>
        WriteEvent(3, new EventSourcePrimitive[] { loop, milliseconds, task, kind });

    [Event(4, Level = EventLevel.Warning, Keywords = Keywords.Stalls, Message = "Event loop {0} turns again, after {1} ms")]
    public void LoopRecovered(string loop, double milliseconds, string task, string kind) =>
        WriteEvent(4, new EventSourcePrimitive[] { loop, milliseconds, task, kind });

    [Event(5, Level = EventLevel.Informational, Keywords = Keywords.Tasks, Message = "Task {2} starts on event loop {0}")]
    public void TaskStart(string loop, int id, string name, string coroutine) =>
        WriteEvent(5, new EventSourcePrimitive[] { loop, id, name, coroutine });

    [Event(6, Level = EventLevel.Informational, Keywords = Keywords.Tasks, Message = "Task {2} has {3}")]
    public void TaskStop(string loop, int id, string name, string outcome) => WriteEvent(6, new EventSourcePrimitive[] { loop, id, name, outcome });

    [Event(7, Level = EventLevel.Informational, Keywords = Keywords.Connections, Message = "Connection {2} - {3}")]
    public void ConnectionStart(string loop, bool accepted, string local, string remote) =>
        WriteEvent(7, new EventSourcePrimitive[] { loop, accepted, local, remote });

    [Event(8, Level = EventLevel.Informational, Keywords = Keywords.Connections, Message = "Connection {2} - {3} has ended")]
    public void ConnectionStop(string loop, bool accepted, string local, string remote, string error) =>
        WriteEvent(8, new EventSourcePrimitive[] { loop, accepted, local, remote, error });
}
