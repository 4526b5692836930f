using BenchmarkDotNet.Attributes;

namespace AsyncioSharp.Benchmarks;

/// <summary>Await a million deep, for each level; the deepest yields. .NET's tasks overflow the stack.</summary>
public class DeepBenchmarks : LoopBenchmark
{
    private const int Operations = 1_000_000;

    [Benchmark(OperationsPerInvoke = Operations)]
    public void Coroutine() => RunOnLoop(Micro.OnLoop.Awaiting.Deep(Operations));
}
