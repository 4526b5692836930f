using System.Diagnostics.Metrics;

namespace AsyncioSharp.Echo;

/// <summary>Listens to all metrics of the library as an exporter does: sorts what histograms tell into buckets, asks the others each
/// second.</summary>
internal sealed class MetricsReader : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Timer _timer;
    private readonly object _gate = new();
    private readonly long[] _buckets = new long[64];

    public MetricsReader()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == "AsyncioSharp")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((_, value, _, _) =>
        {
            lock (_gate)
                _buckets[(int)Math.Clamp(Math.ILogB(value) + 40, 0, 63)]++;
        });
        _listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
        _listener.Start();
        _timer = new Timer(_ => _listener.RecordObservableInstruments(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    public void Dispose()
    {
        _timer.Dispose();
        _listener.Dispose();
    }
}
