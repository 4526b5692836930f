using BenchmarkDotNet.Attributes;

namespace AsyncioSharp.Benchmarks;

/// <summary>A callback queued and run, a thousand at a time.</summary>
public class CallSoonBenchmarks : LoopBenchmark
{
    private const int Operations = 1_000_000;

    [Benchmark(OperationsPerInvoke = Operations)]
    public void Coroutine() => RunOnLoop(Micro.OnLoop.Scheduling.CallSoon(Operations));

    [Benchmark(OperationsPerInvoke = Operations, Baseline = true)]
    public void Task() => RunOnPump(() => Micro.OnPump.Scheduling.CallSoon(Operations));
}
