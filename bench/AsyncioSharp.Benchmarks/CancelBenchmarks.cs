using BenchmarkDotNet.Attributes;

namespace AsyncioSharp.Benchmarks;

/// <summary>
/// Cancel sleeping tasks. Spawning them, and looking whether all were cancelled, is left to the setup and cleanup of each
/// iteration.
/// </summary>
public class CancelBenchmarks : LoopBenchmark
{
    private const int Coroutines = 100_000;
    private const int Tasks = 10_000; // each takes longer by two orders of magnitude

    private Micro.OnLoop.WaitingTasks _onLoop = null!;
    private Micro.OnPump.WaitingTasks _onPump = null!;

    [Params(0, 5, 17)]
    public int Depth { get; set; }

    [IterationSetup(Target = nameof(Coroutine))]
    public void Spawn() => RunOnLoop((_onLoop = new(Coroutines)).SpawnAsleep(Depth));

    [Benchmark(OperationsPerInvoke = Coroutines)]
    public void Coroutine() => RunOnLoop(_onLoop.Cancel());

    [IterationCleanup(Target = nameof(Coroutine))]
    public void CheckCoroutines() => _onLoop.CheckCanceled();

    [IterationSetup(Target = nameof(Task))]
    public void Start() => RunOnPump(() =>
    {
        (_onPump = new(Tasks)).StartAsleep(Depth);
        return System.Threading.Tasks.Task.CompletedTask;
    });

    [Benchmark(OperationsPerInvoke = Tasks, Baseline = true)]
    public void Task() => RunOnPump(_onPump.Cancel);

    [IterationCleanup(Target = nameof(Task))]
    public void CheckTasks() => _onPump.CheckCanceled();
}
