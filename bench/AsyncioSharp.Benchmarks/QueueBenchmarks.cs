using BenchmarkDotNet.Attributes;

namespace AsyncioSharp.Benchmarks;

/// <summary>An item through a queue bounded to 100, from one producer to one consumer.</summary>
public class QueueBenchmarks : LoopBenchmark
{
    private const int Operations = 100_000;

    [Benchmark(OperationsPerInvoke = Operations)]
    public void Coroutine() => RunOnLoop(Micro.OnLoop.Waiting.Channel(Operations));

    [Benchmark(OperationsPerInvoke = Operations, Baseline = true)]
    public void Task() => RunOnPump(() => Micro.OnPump.Waiting.Channel(Operations));
}
