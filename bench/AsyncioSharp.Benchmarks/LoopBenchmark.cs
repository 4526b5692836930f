using AsyncioSharp.LowLevel;
using AsyncioSharp.Micro.OnPump;
using BenchmarkDotNet.Attributes;

namespace AsyncioSharp.Benchmarks;

/// <summary>A loop, and a pump for .NET's tasks, that stay for all operations of a class.</summary>
[MemoryDiagnoser]
public abstract class LoopBenchmark
{
    private EventLoop _loop = null!;
    private Pump _pump = null!;

    [GlobalSetup]
    public void Open()
    {
        _loop = EventLoop.New();
        _pump = new Pump();
    }

    [GlobalCleanup]
    public void Close() => _loop.Close();

    private protected void RunOnLoop(Coroutine operations) => _loop.RunUntilComplete(operations);

    private protected void RunOnPump(Func<Task> operations) => _pump.RunUntilComplete(operations);
}
