using BenchmarkDotNet.Attributes;

namespace AsyncioSharp.Benchmarks;

/// <summary>Await a thousand deep, for each level; nothing suspends, or the deepest yields.</summary>
public class ChainBenchmarks : LoopBenchmark
{
    private const int Operations = 100_000;

    [Params(false, true)]
    public bool DeepestYields { get; set; }

    [Benchmark(OperationsPerInvoke = Operations)]
    public void Coroutine() => RunOnLoop(
        DeepestYields ? Micro.OnLoop.Awaiting.ChainWithTurn(Operations) : Micro.OnLoop.Awaiting.Chain(Operations));

    [Benchmark(OperationsPerInvoke = Operations, Baseline = true)]
    public void Task() => RunOnPump(() =>
        DeepestYields ? Micro.OnPump.Awaiting.ChainWithTurn(Operations) : Micro.OnPump.Awaiting.Chain(Operations));

    [Benchmark(OperationsPerInvoke = Operations)]
    public void ValueTask() => RunOnPump(() =>
        DeepestYields ? Micro.OnPump.ValueAwaiting.ChainWithTurn(Operations) : Micro.OnPump.ValueAwaiting.Chain(Operations));
}
