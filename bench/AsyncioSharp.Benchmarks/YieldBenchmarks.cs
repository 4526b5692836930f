using BenchmarkDotNet.Attributes;

namespace AsyncioSharp.Benchmarks;

/// <summary>A hundred tasks yield in turn.</summary>
public class YieldBenchmarks : LoopBenchmark
{
    private const int Operations = 1_000_000;

    [Benchmark(OperationsPerInvoke = Operations)]
    public void Coroutine() => RunOnLoop(Micro.OnLoop.Scheduling.Turns(Operations));

    [Benchmark(OperationsPerInvoke = Operations, Baseline = true)]
    public void Task() => RunOnPump(() => Micro.OnPump.Scheduling.Turns(Operations));
}
