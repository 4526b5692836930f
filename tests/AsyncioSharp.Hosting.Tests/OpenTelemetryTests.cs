using System.Diagnostics;
using AsyncioSharp.LowLevel;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace AsyncioSharp.Hosting.Tests;

/// <summary>The metrics and spans as OpenTelemetry exports them.</summary>
public class OpenTelemetryTests
{
    private readonly string _loop = $"exported {Guid.NewGuid()}";

    [Fact]
    public void Metrics_are_exported_with_their_units_and_the_loops_name()
    {
        var exported = new List<MetricSnapshot>();
        using var provider = Sdk.CreateMeterProviderBuilder().AddMeter("AsyncioSharp").AddInMemoryExporter(exported).Build();
        Asyncio.Run(async () =>
        {
            await Asyncio.Gather(Asyncio.Sleep(1), Asyncio.Sleep(2));
            await Asyncio.Sleep(1);
            provider.ForceFlush();
        }, new RunnerOptions { LoopFactory = () => new VirtualEventLoop { Name = _loop } });

        Assert.Equal("{task}", Metric("asyncio.task.created").Unit);
        Assert.Equal(3, Own("asyncio.task.created").Single().GetSumLong());
        Assert.Equal(1, Own("asyncio.task.active").Single().GetSumLong());
        Assert.Equal(["canceled 0", "failed 0", "succeeded 2"], Own("asyncio.task.completed").Select(
            static point => $"{Tag(point, "asyncio.task.outcome")} {point.GetSumLong()}").Order(StringComparer.Ordinal));
        Assert.Equal("s", Metric("asyncio.loop.iteration.duration").Unit);
        Assert.True(Own("asyncio.loop.iteration.duration").Single().GetHistogramCount() > 0);
        Assert.Equal(0, Own("asyncio.loop.utilization").Single().GetGaugeLastValueDouble());
        var bounds = new List<double>();
        foreach (var bucket in Own("asyncio.loop.lag").Single().GetHistogramBuckets())
            bounds.Add(bucket.ExplicitBound);
        Assert.Equal((1e-6, double.PositiveInfinity), (bounds[0], bounds[^1]));

        MetricSnapshot Metric(string name) => exported.Single(metric => metric.Name == name);

        IEnumerable<MetricPoint> Own(string name) => Metric(name).MetricPoints.Where(point => Equals(Tag(point, "asyncio.loop.name"), _loop));

        static object? Tag(MetricPoint point, string key)
        {
            foreach (var (name, value) in point.Tags)
            {
                if (name == key)
                    return value;
            }
            return null;
        }
    }

    [Fact]
    public void Spans_are_exported()
    {
        var exported = new List<Activity>();
        using var provider = Sdk.CreateTracerProviderBuilder().AddSource("AsyncioSharp").AddInMemoryExporter(exported).Build();
        Asyncio.Run(static async () => await Asyncio.CreateTask(Asyncio.Sleep(1), "child"), new RunnerOptions
        {
            LoopFactory = () => new VirtualEventLoop { Name = _loop },
            TracedActivities = TracedActivities.Tasks,
        });
        var own = exported.Where(activity => Equals(activity.GetTagItem("asyncio.loop.name"), _loop)).ToArray();
        Assert.Equal(2, own.Length); // the child and the program
        Assert.Equal(own[1].SpanId, own[0].ParentSpanId);
    }
}
