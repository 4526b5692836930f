using BenchmarkDotNet.Attributes;

namespace AsyncioSharp.Benchmarks;

/// <summary>An exception through 17 coroutines, caught by the one above them.</summary>
public class ThrowBenchmarks : LoopBenchmark
{
    private const int Operations = 1000;

    [Params(false, true)]
    public bool DeepestYields { get; set; }

    [Benchmark(OperationsPerInvoke = Operations)]
    public void Coroutine() => RunOnLoop(
        DeepestYields ? Micro.OnLoop.Awaiting.ThrowAfterTurn(Operations) : Micro.OnLoop.Awaiting.Throw(Operations));

    [Benchmark(OperationsPerInvoke = Operations, Baseline = true)]
    public void Task() => RunOnPump(() =>
        DeepestYields ? Micro.OnPump.Awaiting.ThrowAfterTurn(Operations) : Micro.OnPump.Awaiting.Throw(Operations));

    [Benchmark(OperationsPerInvoke = Operations)]
    public void ValueTask() => RunOnPump(() =>
        DeepestYields ? Micro.OnPump.ValueAwaiting.ThrowAfterTurn(Operations) : Micro.OnPump.ValueAwaiting.Throw(Operations));
}
