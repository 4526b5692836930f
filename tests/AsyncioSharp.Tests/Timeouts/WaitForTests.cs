using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

public sealed class WaitForTests
{
    [Fact]
    [CPythonTest("test_waitfor.py", "AsyncioWaitForTest", "test_asyncio_wait_for_cancelled")]
    [CPythonTest("test_waitfor.py", "AsyncioWaitForTest", "test_asyncio_wait_for_timeout")]
    public void Waits_until_what_it_cancelled_has_ended() => LoopTest.Run(async () =>
    {
        var ended = 0;

        var waiting = Asyncio.CreateTask(Asyncio.WaitFor(IgnoreCancellation(), 20));
        await Asyncio.Yield();
        waiting.Cancel();
        await Asyncio.Wait([waiting]);
        Assert.Equal(1, ended);

        await Asyncio.WaitFor(IgnoreCancellation(), 5);
        Assert.Equal(2, ended);
        Assert.Equal(TimeSpan.FromSeconds(20), Now);

        async Coroutine IgnoreCancellation()
        {
            for (var until = Now + TimeSpan.FromSeconds(10); Now < until;)
            {
                try
                {
                    await Asyncio.Sleep(until - Now);
                }
                catch (CanceledException)
                {
                }
            }
            ended++;
        }
    });

    [Fact]
    public void Without_any_time_a_gather_that_is_not_complete_is_late_as_well() => LoopTest.Run(async () =>
    {
        var child = Asyncio.CreateTask(Asyncio.Sleep(1));

        await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(Asyncio.Gather(child), -1));
        await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor((IAwaitable)Asyncio.Gather(Asyncio.Sleep(1)), 0));

        Assert.True(child.IsCanceled);
    });

    [Theory]
    [CPythonTest("test_waitfor.py", "AsyncioWaitForTest", "test_wait_for_timeout_less_then_0_or_0_future_done")]
    [InlineData(0)]
    [InlineData(-1)]
    public void With_no_time_takes_what_is_there(double seconds) => LoopTest.Run(async () =>
    {
        var future = EventLoop.Running.CreateFuture<string>();
        future.SetResult("done");

        Assert.Equal("done", await Asyncio.WaitFor(future, seconds));
    });

    [Theory]
    [CPythonTest("test_waitfor.py", "AsyncioWaitForTest", "test_wait_for_timeout_less_then_0_or_0_coroutine_do_not_started")]
    [InlineData(0)]
    [InlineData(-1)]
    public void With_no_time_a_coroutine_does_not_start(double seconds) => LoopTest.Run(async () =>
    {
        var started = false;

        await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(Start(), seconds));

        Assert.False(started);

        async Coroutine Start() => started = true;
    });

    [Theory]
    [CPythonTest("test_waitfor.py", "AsyncioWaitForTest", "test_wait_for_timeout_less_then_0_or_0")]
    [CPythonTest("test_waitfor.py", "AsyncioWaitForTest", "test_wait_for")]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(0.1)]
    public void Cancels_the_task_when_the_time_is_over(double seconds) => LoopTest.Run(async () =>
    {
        var running = false;
        var started = EventLoop.Running.CreateFuture<bool>();
        var task = Asyncio.CreateTask(Work());
        await started;

        await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(task, seconds));

        Assert.True(task.IsCanceled);
        Assert.False(running);

        async Coroutine<string> Work()
        {
            running = true;
            started.SetResult(true);
            try
            {
                await Asyncio.Sleep(10);
            }
            finally
            {
                running = false;
            }
            return "done";
        }
    });

    [Fact]
    [CPythonTest("test_waitfor.py", "AsyncioWaitForTest", "test_wait_for_blocking")]
    public void Without_a_time_it_just_waits() => LoopTest.Run(async () =>
    {
        Assert.Equal("done", await Asyncio.WaitFor(Asyncio.Sleep(TimeSpan.FromDays(1), "done"), null));
    });

    [Fact]
    [CPythonTest("test_waitfor.py", "AsyncioWaitForTest", "test_wait_for_race_condition")]
    public void Returns_the_result() => LoopTest.Run(async () =>
    {
        var future = EventLoop.Running.CreateFuture<string>();
        var waiting = Asyncio.WaitFor(future, 0.2);
        EventLoop.Running.CallSoon(() => future.SetResult("ok"));

        Assert.Equal("ok", await waiting);
    });

    [Fact]
    [CPythonTest("test_waitfor.py", "AsyncioWaitForTest", "test_wait_for_cancellation_race_condition")]
    [CPythonTest("test_waitfor.py", "AsyncioWaitForTest", "test_wait_for_cancel_suppressed")]
    public void Returns_the_result_of_what_ends_well_in_spite_of_being_cancelled() => LoopTest.Run(async () =>
    {
        Assert.Equal(42, await Asyncio.WaitFor(Inner(), 0.01));
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);

        static async Coroutine<int> Inner()
        {
            await Expect.ThrowsAsync<CanceledException>(Asyncio.Sleep(1));
            return 42;
        }
    });

    [Theory]
    [CPythonTest("test_waitfor.py", "AsyncioWaitForTest", "test_wait_for_waits_for_task_cancellation")]
    [CPythonTest("test_waitfor.py", "AsyncioWaitForTest", "test_wait_for_waits_for_task_cancellation_w_timeout_0")]
    [InlineData(0.0001)]
    [InlineData(0)]
    public void Waits_for_a_task_that_cleans_up(double seconds) => LoopTest.Run(async () =>
    {
        var cleanedUp = false;
        var task = Asyncio.CreateTask(Inner());
        await Asyncio.Yield();

        var timeout = await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(task, seconds));

        Assert.True(cleanedUp);
        Assert.IsType<CanceledException>(timeout.InnerException);

        async Coroutine Inner()
        {
            try
            {
                await Asyncio.Sleep(10);
            }
            finally
            {
                await Asyncio.Sleep(1);
                cleanedUp = true;
            }
        }
    });

    [Theory]
    [CPythonTest("test_waitfor.py", "AsyncioWaitForTest", "test_wait_for_reraises_exception_during_cancellation")]
    [InlineData(0.0001)]
    [InlineData(0)]
    public void Passes_on_a_failure_of_what_it_cancelled(double seconds) => LoopTest.Run(async () =>
    {
        var task = Asyncio.CreateTask(Inner());
        await Asyncio.Yield();

        await Expect.ThrowsAsync<FormatException>(Asyncio.WaitFor(task, seconds));

        static async Coroutine Inner()
        {
            try
            {
                await Asyncio.Sleep(0.2);
            }
            catch (CanceledException)
            {
                throw new FormatException();
            }
        }
    });

    [Theory]
    [CPythonTest("test_waitfor.py", "AsyncioWaitForTest", "test_cancel_blocking_wait_for")]
    [CPythonTest("test_waitfor.py", "AsyncioWaitForTest", "test_cancel_wait_for")]
    [InlineData(null)]
    [InlineData(60.0)]
    public void Cancelling_it_cancels_the_task(double? seconds) => LoopTest.Run(async () =>
    {
        var never = EventLoop.Running.CreateFuture<bool>();
        var task = Asyncio.CreateTask(Block());
        TimeSpan? timeout = seconds is { } time ? TimeSpan.FromSeconds(time) : null;
        var waiting = Asyncio.CreateTask(Asyncio.WaitFor(task, timeout));
        EventLoop.Running.CallSoon(() => waiting.Cancel());

        await Expect.ThrowsAsync<CanceledException>(waiting);

        Assert.True(task.IsCanceled);

        async Coroutine Block() => await never;
    });

    [Fact]
    [CPythonTest("test_waitfor.py", "AsyncioWaitForTest", "test_wait_for_issue86296")]
    public void A_cancellation_together_with_the_result_is_not_swallowed() => LoopTest.Run(async () =>
    {
        var reachedEnd = false;
        var inner = Asyncio.CreateTask(Coroutine.FromResult("done"));
        var task = Asyncio.CreateTask(Main());
        await Asyncio.Yield();

        task.Cancel();

        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.Equal("done", await inner);
        Assert.False(reachedEnd);

        async Coroutine Main()
        {
            await Asyncio.WaitFor(inner, 100);
            await Asyncio.Sleep(1);
            reachedEnd = true;
        }
    });

    [Fact]
    [CPythonTest("test_waitfor.py", "WaitForShieldTests", "test_zero_timeout")]
    public void With_no_time_a_shield_is_cancelled_and_its_task_runs_on() => LoopTest.Run(async () =>
    {
        var task = Asyncio.CreateTask(Asyncio.Sleep(TimeSpan.FromSeconds(0.01), "done"));
        var shielded = Asyncio.Shield(task);

        await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(shielded, 0));

        Assert.False(task.IsCompleted);
        Assert.True(shielded.IsCanceled);
        Assert.Equal("done", await task);
    });

    [Fact]
    [CPythonTest("test_waitfor.py", "WaitForShieldTests", "test_none_timeout")]
    public void Without_a_time_a_shielded_task_ends() => LoopTest.Run(async () =>
    {
        var task = Asyncio.CreateTask(Asyncio.Sleep(TimeSpan.FromSeconds(0.1), "done"));

        Assert.Equal("done", await Asyncio.WaitFor(Asyncio.Shield(task), null));
        Assert.True(task.IsCompletedSuccessfully);
    });

    [Fact]
    [CPythonTest("test_waitfor.py", "WaitForShieldTests", "test_shielded_timeout")]
    public void When_the_time_is_over_a_shielded_task_runs_on() => LoopTest.Run(async () =>
    {
        var task = Asyncio.CreateTask(Asyncio.Sleep(TimeSpan.FromSeconds(0.1), "done"));

        await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(Asyncio.Shield(task), 0.01));

        Assert.False(task.IsCompleted);
        Assert.Equal("done", await task);
    });

    private static TimeSpan Now => EventLoop.Running.Time;
}
