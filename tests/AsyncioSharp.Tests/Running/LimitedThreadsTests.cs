using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

/// <summary>Functions on other threads, bounded by a <see cref="CapacityLimiter"/>.</summary>
public abstract class LimitedThreadsTests(EventLoop loop) : ForeignLoopTests(loop)
{
    [Fact]
    public void No_more_functions_run_than_there_are_tokens() => Run(async () =>
    {
        var limiter = new CapacityLimiter(2);
        var (running, most) = (0, 0);

        await Asyncio.Gather(Enumerable.Range(0, 8).Select(_ => Asyncio.ToThread(Work, limiter)));

        Assert.InRange(most, 1, 2);
        Assert.Equal(0, limiter.BorrowedTokens);

        void Work()
        {
            var now = Interlocked.Increment(ref running);
            lock (limiter)
                most = Math.Max(most, now);
            Thread.Yield();
            Interlocked.Decrement(ref running);
        }
    });

    [Fact]
    public void One_task_can_run_several_limited_functions_at_once() => Run(async () =>
    {
        var limiter = new CapacityLimiter(2);
        using var both = new Barrier(2);

        var met = await Asyncio.Gather(Asyncio.ToThread(Meet, limiter), Asyncio.ToThread(_ => Meet(), limiter));

        Assert.Equal([true, true], met);

        bool Meet() => both.SignalAndWait(TimeSpan.FromSeconds(30));
    });

    [Fact]
    public void A_function_keeps_its_token_until_it_has_ended_although_nobody_waits_for_it() => Run(async () =>
    {
        var limiter = new CapacityLimiter(1);
        using var started = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var task = Asyncio.CreateTask(Asyncio.ToThread(() =>
        {
            started.Set();
            go.Wait();
        }, limiter));
        await Asyncio.Yield();
        started.Wait();

        task.Cancel();
        await Expect.ThrowsAsync<CanceledException>(task);
        var next = Asyncio.CreateTask(Asyncio.ToThread(() => go.IsSet, limiter));
        await Expect.Turns(3);
        Assert.Equal((1, 1), (limiter.BorrowedTokens, limiter.WaitingCount));

        go.Set();
        Assert.True(await next);
        Assert.Equal(0, limiter.BorrowedTokens);
    });

    [Fact]
    public void A_function_that_fails_gives_its_token_back() => Run(async () =>
    {
        var limiter = new CapacityLimiter(1);
        for (var i = 0; i < 3; i++)
            await Expect.ThrowsAsync<FormatException>(Asyncio.ToThread(() => throw new FormatException(), limiter));
        Assert.Equal(0, limiter.BorrowedTokens);
    });

    [Fact]
    public void A_function_that_is_refused_gives_its_token_back() => Run(async () =>
    {
        var limiter = new CapacityLimiter(1);
        await EventLoop.Running.ShutdownDefaultExecutorAsync();
        await Expect.ThrowsAsync<InvalidOperationException>(Asyncio.ToThread(() => 1, limiter));
        Assert.Equal(0, limiter.BorrowedTokens);
    });

    [Fact]
    public void Cancelled_while_it_waits_for_a_token_its_function_never_runs() => Run(async () =>
    {
        var limiter = new CapacityLimiter(0);
        var ran = false;
        var task = Asyncio.CreateTask(Asyncio.ToThread(() => ran = true, limiter));
        await Asyncio.Yield();

        task.Cancel();
        await Expect.ThrowsAsync<CanceledException>(task);
        limiter.TotalTokens = 1;
        await Asyncio.ToThread(() => { }, limiter);

        Assert.False(ran);
    });
}

public sealed class LimitedThreadsOnVirtualLoopTests() : LimitedThreadsTests(new VirtualEventLoop());

public sealed class LimitedThreadsOnEpollTests() : LimitedThreadsTests(new EpollEventLoop());

public sealed class LimitedThreadsOnIoUringTests() : LimitedThreadsTests(IoUring.NewLoop());
