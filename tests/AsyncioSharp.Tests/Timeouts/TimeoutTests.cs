using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

public sealed partial class TimeoutTests
{
    [Fact]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_timeout_basic")]
    public void Cancels_its_body_when_the_time_is_over() => LoopTest.Run(async () =>
    {
        TimeoutScope? scope = null;

        await Expect.ThrowsAsync<TimeoutException>(Asyncio.Timeout(0.01, async entered =>
        {
            scope = entered;
            await Asyncio.Sleep(10);
        }));

        Assert.True(scope!.IsExpired);
        Assert.Equal(TimeSpan.FromMilliseconds(10), Now);
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
    });

    [Fact]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_timeout_at_basic")]
    public void Takes_a_deadline() => LoopTest.Run(async () =>
    {
        await Asyncio.Sleep(1);
        var deadline = Now + TimeSpan.FromSeconds(0.01);

        await Expect.ThrowsAsync<TimeoutException>(Asyncio.TimeoutAt(deadline, async scope =>
        {
            Assert.Equal(deadline, scope.When);
            await Asyncio.Sleep(10);
        }));

        Assert.Equal(deadline, Now);
    });

    [Fact]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_nested_timeouts")]
    public void Of_two_that_expire_together_the_outer_one_throws() => LoopTest.Run(async () =>
    {
        var deadline = TimeSpan.FromSeconds(0.01);
        var canceled = false;
        var scopes = new List<TimeoutScope>();

        await Expect.ThrowsAsync<TimeoutException>(Asyncio.TimeoutAt(deadline, async outer =>
        {
            scopes.Add(outer);
            try
            {
                await Asyncio.TimeoutAt(deadline, async inner =>
                {
                    scopes.Add(inner);
                    await Asyncio.Sleep(10);
                });
            }
            catch (CanceledException)
            {
                canceled = true;
                throw;
            }
        }));

        Assert.True(canceled);
        Assert.All(scopes, scope => Assert.True(scope.IsExpired));
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
    });

    [Fact]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_waiter_cancelled")]
    public void The_body_sees_a_cancellation() => LoopTest.Run(async () =>
    {
        var canceled = false;

        await Expect.ThrowsAsync<TimeoutException>(Asyncio.Timeout(0.01, async _ =>
        {
            try
            {
                await Asyncio.Sleep(10);
            }
            catch (CanceledException)
            {
                canceled = true;
                throw;
            }
        }));

        Assert.True(canceled);
    });

    [Fact]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_timeout_not_called")]
    public void A_body_in_time_passes_with_its_result() => LoopTest.Run(async () =>
    {
        TimeoutScope? scope = null;

        var result = await Asyncio.Timeout(10, async entered =>
        {
            scope = entered;
            await Asyncio.Sleep(0.01);
            return 42;
        });

        Assert.Equal(42, result);
        Assert.False(scope!.IsExpired);
        Assert.Equal(TimeSpan.FromSeconds(10), scope.When);
        Assert.Equal(TimeSpan.FromSeconds(0.01), Now);
    });

    [Fact]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_timeout_disabled")]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_timeout_at_disabled")]
    public void Without_a_time_it_waits_for_as_long_as_it_takes() => LoopTest.Run(async () =>
    {
        var scopes = new List<TimeoutScope>();

        await Asyncio.Timeout(null, Sleep);
        await Asyncio.TimeoutAt(null, Sleep);

        Assert.All(scopes, scope => Assert.False(scope.IsExpired));
        Assert.All(scopes, scope => Assert.Null(scope.When));

        async Coroutine Sleep(TimeoutScope scope)
        {
            scopes.Add(scope);
            await Asyncio.Sleep(TimeSpan.FromDays(1000));
        }
    });

    [Theory]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_timeout_zero")]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_timeout_zero_sleep_zero")]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_timeout_in_the_past_sleep_zero")]
    [InlineData(0, 10)]
    [InlineData(0, 0)]
    [InlineData(-11, 0)]
    public void With_no_time_left_the_first_wait_is_cancelled(double timeout, double sleep) => LoopTest.Run(async () =>
    {
        await Asyncio.Sleep(100);
        TimeoutScope? scope = null;
        var ran = false;

        await Expect.ThrowsAsync<TimeoutException>(Asyncio.Timeout(timeout, async entered =>
        {
            scope = entered;
            ran = true;
            await Asyncio.Sleep(sleep);
        }));

        Assert.True(ran);
        Assert.True(scope!.IsExpired);
        Assert.InRange(scope.When!.Value, TimeSpan.Zero, Now);
        Assert.Equal(TimeSpan.FromSeconds(100), Now);
    });

    [Fact]
    public void A_body_that_never_waits_cannot_time_out() => LoopTest.Run(async () =>
    {
        var result = await Asyncio.Timeout(0, async _ => 42);

        Assert.Equal(42, result);
        await Asyncio.Yield();
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
    });

    [Fact]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_nested_timeouts_concurrent")]
    public void An_inner_one_with_time_left_passes_on_that_the_outer_one_expired() => LoopTest.Run(async () =>
    {
        var passedOn = false;

        await Expect.ThrowsAsync<TimeoutException>(Asyncio.Timeout(0.002, async _ =>
        {
            try
            {
                await Asyncio.Timeout(0.1, async _ =>
                {
                    Compute(0.01);
                    await Asyncio.Sleep(1);
                });
            }
            catch (CanceledException)
            {
                passedOn = true;
                throw;
            }
        }));

        Assert.True(passedOn);
    });

    [Fact]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_nested_timeouts_loop_busy")]
    public void The_outer_one_still_ends_what_follows_the_inner_one() => LoopTest.Run(async () =>
    {
        var innerExpired = false;

        await Expect.ThrowsAsync<TimeoutException>(Asyncio.Timeout(0.1, async _ =>
        {
            await Expect.ThrowsAsync<TimeoutException>(Asyncio.Timeout(0.01, async _ =>
            {
                Compute(0.05);
                await Asyncio.Sleep(1);
            }));
            innerExpired = true;
            await Asyncio.Sleep(10);
        }));

        Assert.True(innerExpired);
        Assert.Equal(TimeSpan.FromSeconds(0.1), Now);
    });

    [Fact]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_outer_task_is_not_cancelled")]
    public void The_task_is_not_cancelled_by_it() => LoopTest.Run(async () =>
    {
        var task = Asyncio.CreateTask(Main());

        await task;

        Assert.True(task.IsCompletedSuccessfully);
        Assert.Equal(0, task.CancelRequests);

        static async Coroutine Main() => await Expect.ThrowsAsync<TimeoutException>(
            Asyncio.Timeout(0.001, async _ => await Asyncio.Sleep(10)));
    });

    [Fact]
    public void The_time_runs_from_the_call() => LoopTest.Run(async () =>
    {
        var waiting = Asyncio.Timeout(1, async _ => await Asyncio.Sleep(10));
        await Asyncio.Sleep(0.75);

        await Expect.ThrowsAsync<TimeoutException>(waiting);

        Assert.Equal(TimeSpan.FromSeconds(1), Now);
    });

    [Fact]
    public void The_exception_says_how_long_it_was_and_what_was_cancelled() => LoopTest.Run(async () =>
    {
        var timeout = await Expect.ThrowsAsync<TimeoutException>(Asyncio.Timeout(1.5, async _ => await Asyncio.Sleep(10)));

        Assert.Contains("1.5 s", timeout.Message);
        Assert.IsType<CanceledException>(timeout.InnerException);
    });

    private static TimeSpan Now => Asyncio.CurrentTask!.Loop.Time;

    // Keeps the loop busy for so long.
    private static void Compute(double seconds) =>
        ((VirtualEventLoop)EventLoop.Running).Advance(TimeSpan.FromSeconds(seconds));
}
