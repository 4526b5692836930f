using System.Reflection;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.Micro.OnPump;

/// <summary>The same rows, as one would write them with .NET's tasks on a <see cref="Pump"/>.</summary>
/// <param name="values">Whether async methods return ValueTask; of the rows where nothing awaits one there are none.</param>
internal sealed class PumpRows(bool values) : Rows
{
    private readonly Pump _pump = new();

    public override string Name => values ? "dotnet-pump-vt" : "dotnet-pump";

    public override Action<int>? BodyOf(string bench) => (bench, values) switch
    {
        ("await", false) => Run(Awaiting.Flat),
        ("await", true) => Run(ValueAwaiting.Flat),
        ("chain", false) => Run(Awaiting.Chain),
        ("chain", true) => Run(ValueAwaiting.Chain),
        ("chain_turn", false) => Run(Awaiting.ChainWithTurn),
        ("chain_turn", true) => Run(ValueAwaiting.ChainWithTurn),
        ("deep", false) => Run(Awaiting.Deep),
        ("deep", true) => Run(ValueAwaiting.Deep),
        ("throw17", false) => Run(Awaiting.Throw),
        ("throw17", true) => Run(ValueAwaiting.Throw),
        ("throw17_turn", false) => Run(Awaiting.ThrowAfterTurn),
        ("throw17_turn", true) => Run(ValueAwaiting.ThrowAfterTurn),
        ("spawn", false) => Run(Scheduling.Spawn),
        ("turns", false) => Run(Scheduling.Turns),
        ("yield_alone", false) => Run(Scheduling.YieldAlone),
        ("call_soon", false) => Run(Scheduling.CallSoon),
        ("wake", false) => Run(Scheduling.Wake),
        ("channel", false) => Run(Waiting.Channel),
        ("lock", false) => Run(Locking.Uncontended),
        ("lock_handoff", false) => Run(Locking.HandOff),
        ("semaphore", false) => Run(Locking.Semaphore),
        ("group", false) => Run(Locking.Group),
        ("timers", false) => Run(Waiting.Timers),
        ("sleep", false) => Run(Waiting.Sleep),
        ("stream", false) => Run(Streaming.OneByOne),
        ("stream_burst", false) => Run(Streaming.Bursts),
        _ => null,
    };

    public override void Dispose()
    {
    }

    protected override Row? RowOf(string bench) => (bench, values) switch
    {
        ("spawn_bytes", false) => new Row(SpawnBytes, "B"),
        ("sleep_alloc", false) => new Row(Run(Waiting.SleepAllocation), "B"),
        ("sleep_cpu", false) => new Row(Run(Waiting.SleepProcessorTime), "ns", Once: true),
        ("cancel0", false) => new Row(Run(count => Canceling.Asleep(count, 0)), "ns"),
        ("cancel5", false) => new Row(Run(count => Canceling.Asleep(count, 5)), "ns"),
        ("cancel17", false) => new Row(Run(count => Canceling.Asleep(count, 17)), "ns"),
        ("cancel0_future", false) => new Row(Run(count => Canceling.AtSources(count, 0)), "ns"),
        ("cancel5_future", false) => new Row(Run(count => Canceling.AtSources(count, 5)), "ns"),
        ("cancel17_future", false) => new Row(Run(count => Canceling.AtSources(count, 17)), "ns"),
        _ => null,
    };

    // A Task holds the method's state; that is taken off. AsyncioSharp's tasks are apart from their coroutines, whose
    // boxes are used again: all that it allocates for a spawned coroutine is what it adds.
    private double SpawnBytes(int count)
    {
        var state = typeof(Scheduling).GetMethod(nameof(Scheduling.Trivial))!.GetCustomAttribute<AsyncStateMachineAttribute>()!;
        var size = typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(state.StateMachineType).Invoke(null, null)!;
        return Measuring.Allocated(BodyOf("spawn")!, count) / count - (int)size;
    }

    private Action<int> Run(Func<int, Task> body) => count => _pump.RunUntilComplete(() => body(count));

    private Func<int, double> Run(Func<int, Task<double>> body) => count =>
    {
        Task<double> task = null!;
        _pump.RunUntilComplete(() => task = body(count));
        return task.Result;
    };
}
