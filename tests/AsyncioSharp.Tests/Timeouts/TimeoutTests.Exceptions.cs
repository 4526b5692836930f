namespace AsyncioSharp.Tests;

public sealed partial class TimeoutTests
{
    [Fact]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_foreign_exception_passed")]
    public void A_failure_in_time_passes() => LoopTest.Run(async () =>
    {
        TimeoutScope? scope = null;

        await Expect.ThrowsAsync<FormatException>(Asyncio.Timeout(0.01, async entered =>
        {
            scope = entered;
            throw new FormatException();
        }));

        Assert.False(scope!.IsExpired);
    });

    [Fact]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_timeout_exception_context")]
    public void A_clean_up_that_takes_too_long_is_timed_out_too() => LoopTest.Run(async () =>
    {
        // Where Python chains the exceptions as each other's context, .NET knows one inner exception.
        var timeout = await Expect.ThrowsAsync<TimeoutException>(Asyncio.Timeout(0.01, async _ =>
        {
            try
            {
                throw new DivideByZeroException();
            }
            finally
            {
                await Asyncio.Sleep(1);
            }
        }));

        Assert.IsType<CanceledException>(timeout.InnerException);
    });

    [Fact]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_foreign_exception_on_timeout")]
    public void A_failure_while_it_expires_passes_and_settles_the_request() => LoopTest.Run(async () =>
    {
        TimeoutScope? scope = null;

        await Expect.ThrowsAsync<DivideByZeroException>(Asyncio.Timeout(0.01, async entered =>
        {
            scope = entered;
            try
            {
                await Asyncio.Sleep(1);
            }
            catch (CanceledException)
            {
                throw new DivideByZeroException();
            }
        }));

        Assert.True(scope!.IsExpired);
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
        await Asyncio.Yield();
    });

    [Fact]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_foreign_cancel_doesnt_timeout_if_not_expired")]
    public void A_cancellation_from_outside_in_time_stays_one() => LoopTest.Run(async () =>
    {
        TimeoutScope? scope = null;

        await Expect.ThrowsAsync<CanceledException>(Asyncio.Timeout(10, async entered =>
        {
            scope = entered;
            Asyncio.CurrentTask!.Cancel();
            await Asyncio.Sleep(10);
        }));

        Assert.False(scope!.IsExpired);
        Assert.Equal(1, Asyncio.CurrentTask!.CancelRequests);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_cancellation_from_outside_wins_over_the_timeout(bool outsideFirst) => LoopTest.Run(async () =>
    {
        var task = Asyncio.CreateTask(Asyncio.Timeout(outsideFirst ? 2 : 1, async _ =>
        {
            try
            {
                await Asyncio.Sleep(10);
            }
            finally
            {
                await Asyncio.Sleep(10);
            }
        }));
        await Asyncio.Sleep(1.5);

        task.Cancel();

        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.Equal(1, task.CancelRequests);
    });

    [Fact]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_nested_timeout_in_finally")]
    public void A_clean_up_may_have_a_timeout_of_its_own() => LoopTest.Run(async () =>
    {
        var inner = 0;

        var timeout = await Expect.ThrowsAsync<TimeoutException>(Asyncio.Timeout(0.01, async _ =>
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            finally
            {
                await Expect.ThrowsAsync<TimeoutException>(Asyncio.Timeout(0.01, async _ => await Asyncio.Sleep(10)));
                inner++;
            }
        }));

        Assert.Equal(1, inner);
        Assert.IsType<CanceledException>(timeout.InnerException);
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
    });

    [Theory]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_timeout_after_cancellation")]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_cancel_in_timeout_after_cancellation")]
    [InlineData(false)]
    [InlineData(true)]
    public void After_a_cancellation_was_caught_it_tells_old_requests_from_new_ones(bool canceledAgain) => LoopTest.Run(async () =>
    {
        var task = Asyncio.CurrentTask!;
        task.Cancel();
        await Expect.ThrowsAsync<CanceledException>(Asyncio.Sleep(1));

        var cleanUp = Asyncio.Timeout(canceledAgain ? 1 : 0, async _ =>
        {
            if (canceledAgain)
                task.Cancel();
            await Asyncio.Sleep(2);
        });

        if (canceledAgain)
            await Expect.ThrowsAsync<CanceledException>(cleanUp);
        else
            await Expect.ThrowsAsync<TimeoutException>(cleanUp);
        Assert.Equal(canceledAgain ? 2 : 1, task.CancelRequests);
    });

    [Fact]
    public void A_cancellation_that_was_pending_when_it_began_is_not_lost() => LoopTest.Run(async () =>
    {
        var task = Asyncio.CurrentTask!;
        task.Cancel();

        await Expect.ThrowsAsync<CanceledException>(Asyncio.Timeout(0, async _ => await Asyncio.Yield()));

        Assert.Equal(1, task.CancelRequests);
    });

    [Fact]
    public void A_body_that_swallows_the_cancellation_has_not_timed_out() => LoopTest.Run(async () =>
    {
        TimeoutScope? scope = null;

        var result = await Asyncio.Timeout(1, async entered =>
        {
            scope = entered;
            await Expect.ThrowsAsync<CanceledException>(Asyncio.Sleep(10));
            return 42;
        });

        Assert.Equal(42, result);
        Assert.True(scope!.IsExpired);
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
    });

    [Fact]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_timeout_taskgroup")]
    public void A_group_inside_that_fails_when_it_is_cancelled_fails_with_that() => LoopTest.Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<AggregateException>(Asyncio.Timeout(0.01, async _ =>
            await TaskGroup.RunAsync(async group =>
            {
                group.StartSoon(FailWhenCanceled());
                try
                {
                    throw new FormatException();
                }
                finally
                {
                    await Asyncio.Sleep(1);
                }
            })));

        Assert.Equal("DivideByZeroException", Expect.TypesIn(failure));
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
        await Asyncio.Yield();

        static async Coroutine FailWhenCanceled()
        {
            try
            {
                await Asyncio.Sleep(2);
            }
            catch (CanceledException)
            {
                throw new DivideByZeroException();
            }
        }
    });

    [Fact]
    public void A_group_inside_is_cancelled_as_a_whole() => LoopTest.Run(async () =>
    {
        var canceled = 0;

        await Expect.ThrowsAsync<TimeoutException>(Asyncio.Timeout(1, async _ =>
            await TaskGroup.RunAsync(async group =>
            {
                for (var i = 0; i < 3; i++)
                    group.StartSoon(CountCancel());
            })));

        Assert.Equal(3, canceled);
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);

        async Coroutine CountCancel()
        {
            try
            {
                await Asyncio.Sleep(10);
            }
            finally
            {
                canceled++;
            }
        }
    });
}
