using BenchmarkDotNet.Attributes;

namespace AsyncioSharp.Benchmarks;

/// <summary>A timer 10 s away made and cancelled, a thousand at a time.</summary>
public class TimerBenchmarks : LoopBenchmark
{
    private const int Operations = 100_000;

    [Benchmark(OperationsPerInvoke = Operations)]
    public void Coroutine() => RunOnLoop(Micro.OnLoop.Waiting.Timers(Operations));

    [Benchmark(OperationsPerInvoke = Operations, Baseline = true)]
    public void Task() => RunOnPump(() => Micro.OnPump.Waiting.Timers(Operations));
}
