using System.Diagnostics.Metrics;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Telemetry;

/// <summary>Listens to the meter, and keeps what it says of one loop.</summary>
internal sealed class LoopMeasurements : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly EventLoop _loop;
    private readonly object _gate = new();
    private readonly Dictionary<string, double> _values = [];
    private readonly Dictionary<string, List<double>> _histograms = [];

    public LoopMeasurements(EventLoop loop, params string[] instruments)
    {
        _loop = loop;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "AsyncioSharp" && (instruments.Length == 0 || instruments.Contains(instrument.Name)))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>What the histograms were told.</summary>
    public IReadOnlyList<double> Recorded(string instrument)
    {
        lock (_gate)
            return _histograms.TryGetValue(instrument, out var values) ? [.. values] : [];
    }

    /// <summary>Asks the instruments that are to be asked: values by name, and by the tags besides the loop's name.</summary>
    public Dictionary<string, double> Read()
    {
        lock (_gate)
            _values.Clear();
        _listener.RecordObservableInstruments();
        lock (_gate)
            return new(_values);
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = instrument.Name;
        var isOurs = false;
        foreach (var (key, tag) in tags)
        {
            if (key == "asyncio.loop.name")
                isOurs = Equals(tag, _loop.Name);
            else
                name += $" {tag}";
        }
        if (!isOurs)
            return; // another test's
        lock (_gate)
        {
            _values[name] = value;
            if (!instrument.IsObservable)
                (_histograms.TryGetValue(name, out var values) ? values : _histograms[name] = []).Add(value);
        }
    }
}
