using BenchmarkDotNet.Attributes;

namespace AsyncioSharp.Benchmarks;

/// <summary>A sleep of 1 ms by each of a hundred tasks: what it allocates is of interest.</summary>
public class SleepBenchmarks : LoopBenchmark
{
    private const int Operations = 10_000;

    [Benchmark(OperationsPerInvoke = Operations)]
    public void Coroutine() => RunOnLoop(Micro.OnLoop.Waiting.Naps(Operations));

    [Benchmark(OperationsPerInvoke = Operations, Baseline = true)]
    public void Task() => RunOnPump(() => Micro.OnPump.Waiting.Naps(Operations));
}
