using BenchmarkDotNet.Attributes;

namespace AsyncioSharp.Benchmarks;

/// <summary>Another thread has a callback run on the loop's thread, and waits for its answer.</summary>
public class WakeBenchmarks : LoopBenchmark
{
    private const int Operations = 10_000;

    [Benchmark(OperationsPerInvoke = Operations)]
    public void Coroutine() => RunOnLoop(Micro.OnLoop.Scheduling.Wake(Operations));

    [Benchmark(OperationsPerInvoke = Operations, Baseline = true)]
    public void Task() => RunOnPump(() => Micro.OnPump.Scheduling.Wake(Operations));
}
