using BenchmarkDotNet.Attributes;

namespace AsyncioSharp.Benchmarks;

/// <summary>Await a child that completes synchronously.</summary>
public class AwaitBenchmarks : LoopBenchmark
{
    private const int Operations = 100_000;

    [Benchmark(OperationsPerInvoke = Operations)]
    public void Coroutine() => RunOnLoop(Micro.OnLoop.Awaiting.Flat(Operations));

    [Benchmark(OperationsPerInvoke = Operations, Baseline = true)]
    public void Task() => RunOnPump(() => Micro.OnPump.Awaiting.Flat(Operations));

    [Benchmark(OperationsPerInvoke = Operations)]
    public void ValueTask() => RunOnPump(() => Micro.OnPump.ValueAwaiting.Flat(Operations));
}
