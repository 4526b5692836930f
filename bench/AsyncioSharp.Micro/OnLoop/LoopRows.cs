using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Micro.OnLoop;

/// <summary>AsyncioSharp's rows, on the loop that suits the machine best.</summary>
internal sealed class LoopRows : Rows
{
    private readonly EventLoop _loop = EventLoop.New();

    public override string Name => "asynciosharp";

    public override Action<int>? BodyOf(string bench) => bench switch
    {
        "await" => Run(Awaiting.Flat),
        "chain" => Run(Awaiting.Chain),
        "chain_turn" => Run(Awaiting.ChainWithTurn),
        "deep" => Run(Awaiting.Deep),
        "throw17" => Run(Awaiting.Throw),
        "throw17_turn" => Run(Awaiting.ThrowAfterTurn),
        "spawn" => Run(Scheduling.Spawn),
        "turns" => Run(Scheduling.Turns),
        "yield_alone" => Run(Scheduling.YieldAlone),
        "yield_alone_watched" => RunWatched(Scheduling.YieldAlone),
        "chain_turn_watched" => RunWatched(Awaiting.ChainWithTurn),
        "call_soon" => Run(Scheduling.CallSoon),
        "wake" => Run(Scheduling.Wake),
        "channel" => Run(Waiting.Channel),
        "lock" => Run(Locking.Uncontended),
        "lock_handoff" => Run(Locking.HandOff),
        "semaphore" => Run(Locking.Semaphore),
        "group" => Run(Locking.Group),
        "timers" => Run(Waiting.Timers),
        "sleep" => Run(Waiting.Sleep),
        "stream" => Run(Streaming.OneByOne),
        "stream_burst" => Run(Streaming.Bursts),
        _ => null,
    };

    public override void Dispose() => _loop.Close();

    protected override Row? RowOf(string bench) => bench switch
    {
        "sleep_alloc" => new Row(Run(Waiting.SleepAllocation), "B"),
        "sleep_cpu" => new Row(Run(Waiting.SleepProcessorTime), "ns", Once: true),
        "cancel0" => new Row(Run(count => Canceling.Asleep(count, 0)), "ns"),
        "cancel5" => new Row(Run(count => Canceling.Asleep(count, 5)), "ns"),
        "cancel17" => new Row(Run(count => Canceling.Asleep(count, 17)), "ns"),
        "cancel0_future" => new Row(Run(count => Canceling.AtFutures(count, 0)), "ns"),
        "cancel5_future" => new Row(Run(count => Canceling.AtFutures(count, 5)), "ns"),
        "cancel17_future" => new Row(Run(count => Canceling.AtFutures(count, 17)), "ns"),
        _ => null,
    };

    private Action<int> Run(Func<int, Coroutine> body) => count => _loop.RunUntilComplete(body(count));

    // With the stall watchdog on: to be compared with the row of the same name without it.
    private Action<int> RunWatched(Func<int, Coroutine> body) => count =>
    {
        _loop.StallThreshold = TimeSpan.FromMilliseconds(100);
        _loop.RunUntilComplete(body(count));
        _loop.StallThreshold = null;
    };

    private Func<int, double> Run(Func<int, Coroutine<double>> body) => count => _loop.RunUntilComplete(body(count));
}
