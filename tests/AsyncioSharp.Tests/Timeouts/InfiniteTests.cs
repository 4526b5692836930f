using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Timeouts;

/// <summary>.NET's infinite duration is one here too, though it is written as a negative one.</summary>
public class InfiniteTests
{
    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    [Fact]
    public void A_sleep_for_ever_lasts_until_it_is_cancelled() => LoopTest.Run(async () =>
    {
        var sleeper = Asyncio.CreateTask(Asyncio.Sleep(Timeout.InfiniteTimeSpan));
        await Asyncio.Sleep(s_day);

        Assert.False(sleeper.IsCompleted);
        sleeper.Cancel();
        await Expect.ThrowsAsync<CanceledException>(sleeper);
    });

    [Fact]
    public void A_sleep_for_ever_lasts_also_if_nothing_else_has_a_time() => LoopTest.Run(async () =>
    {
        var sleeper = Asyncio.CreateTask(Asyncio.Sleep(Timeout.InfiniteTimeSpan));
        await Asyncio.Yield();
        Assert.Contains("sleeps for ever", Asyncio.FormatCallGraph(sleeper), StringComparison.Ordinal);
        await Task.Run(static () => Thread.Sleep(20)); // the loop has to wait for another thread

        Assert.False(sleeper.IsCompleted);
        Assert.Equal(TimeSpan.Zero, EventLoop.Running.Time);
        sleeper.Cancel();
        await Expect.ThrowsAsync<CanceledException>(sleeper);
    });

    [Fact]
    public void Infinite_timeouts_never_expire() => LoopTest.Run(async () =>
    {
        await Asyncio.Timeout(Timeout.InfiniteTimeSpan, async scope =>
        {
            Assert.Null(scope.When);
            await Asyncio.Sleep(s_day);
        });
        await Asyncio.WaitFor(Asyncio.Sleep(s_day), Timeout.InfiniteTimeSpan);
        Assert.False(await Asyncio.MoveOnAfter(Timeout.InfiniteTimeSpan, async _ => await Asyncio.Sleep(s_day)));
        var (done, _) = await Asyncio.Wait(new[] { Asyncio.CreateTask(Asyncio.Sleep(s_day)) }, Timeout.InfiniteTimeSpan);
        Assert.NotEmpty(done);
        var sleepers = new[] { Asyncio.CreateTask(Asyncio.Sleep(s_day, 1)) };
        await foreach (var finished in Asyncio.AsCompleted(sleepers, Timeout.InfiniteTimeSpan))
            Assert.Equal(1, await finished);
    });

    [Fact]
    public void So_many_seconds_below_zero_are_none() => LoopTest.Run(async () =>
    {
        var start = EventLoop.Running.Time;
        await Asyncio.Sleep(-0.001);
        await Expect.ThrowsAsync<TimeoutException>(async () => await Asyncio.Timeout(-0.001, async _ => await Asyncio.Sleep(s_day)));
        await Expect.ThrowsAsync<TimeoutException>(async () => await Asyncio.WaitFor(Asyncio.Sleep(s_day), -0.001));
        Assert.Equal(start, EventLoop.Running.Time);
    });
}
