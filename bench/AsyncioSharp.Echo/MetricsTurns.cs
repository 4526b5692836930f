using System.Diagnostics.Metrics;

namespace AsyncioSharp.Echo;

/// <summary>
/// Turns a <see cref="MetricsReader"/> on and off every tenth of a second, and prints what that adds to the processor time of a received byte.
/// Within one process, as two differ from each other, and one sitting from the next, by more than what is looked for.
/// </summary>
internal sealed class MetricsTurns : IDisposable
{
    private const int Turns = 100; // to a line that is printed
    private static readonly TimeSpan s_turn = TimeSpan.FromSeconds(0.1);

    private readonly MeterListener _bytes = new();
    private readonly CancellationTokenSource _end = new();
    private long _received;

    public MetricsTurns()
    {
        _bytes.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument is { Meter.Name: "AsyncioSharp", Name: "asyncio.transport.io" })
                listener.EnableMeasurementEvents(instrument);
        };
        _bytes.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag.Value is "receive")
                    _received = value;
            }
        });
        _bytes.Start();
        new Thread(Measure) { IsBackground = true }.Start();
    }

    public void Dispose()
    {
        _end.Cancel();
        _bytes.Dispose();
    }

    private void Measure()
    {
        while (!_end.IsCancellationRequested)
        {
            var ratios = new List<double>();
            for (var turn = 0; turn < Turns; turn++)
            {
                var off = CostOfTurn();
                using var reader = new MetricsReader();
                var ratio = CostOfTurn() / off;
                if (double.IsFinite(ratio) && ratio > 0) // nothing is received before the load begins, and behind its end
                    ratios.Add(ratio);
            }
            ratios.Sort();
            if (ratios.Count > 0)
            {
                Console.Error.WriteLine($"metrics on: {ratios[ratios.Count / 2]:F3} of the processor time ({ratios.Count} turns, " +
                    $"quartiles {ratios[ratios.Count / 4]:F3} and {ratios[ratios.Count * 3 / 4]:F3})");
            }
        }
    }

    private double CostOfTurn()
    {
        Thread.Sleep(1); // the loop looks whether somebody listens when it polls
        var before = Read();
        Thread.Sleep(s_turn);
        var after = Read();
        return (after.Time - before.Time) / (after.Bytes - before.Bytes);
    }

    private (double Time, double Bytes) Read()
    {
        _bytes.RecordObservableInstruments();
        return (Environment.CpuUsage.TotalTime.TotalNanoseconds, _received);
    }
}
