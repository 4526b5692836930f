using System.Diagnostics.Tracing;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Telemetry;

/// <summary>Listens to the event source, and keeps what it says of one loop.</summary>
internal sealed class LoopEvents : EventListener
{
    private readonly string _loop;
    private readonly EventKeywords _keywords;
    private readonly List<string> _events = [];

    public LoopEvents(EventLoop loop, int keywords)
    {
        _loop = loop.Name;
        _keywords = (EventKeywords)keywords;
        foreach (var source in EventSource.GetSources().Where(static source => source.Name == "AsyncioSharp"))
            EnableEvents(source, EventLevel.Informational, _keywords);
    }

    /// <summary>Name and values of each event, without the loop's.</summary>
    public string[] Taken
    {
        get
        {
            lock (_events)
                return [.. _events];
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs e)
    {
        if (e.EventSource.Name != "AsyncioSharp" || e.Payload is null || !Equals(e.Payload[0], _loop))
            return;
        lock (_events)
            _events.Add(string.Join(' ', e.Payload.Skip(1).Prepend(e.EventName)));
    }
}
