namespace AsyncioSharp.Tests;

/// <summary><see cref="TaskGroup.Cancel"/>: the end of a group that is neither a failure nor a cancellation.</summary>
public sealed class TaskGroupCancelTests
{
    [Fact]
    public void Ends_the_group_without_an_exception() => LoopTest.Run(async () =>
    {
        var (task, passed) = ((AsyncioTask?)null, false);

        await TaskGroup.RunAsync(async group =>
        {
            task = group.CreateTask(Asyncio.Sleep(10));
            await Asyncio.Sleep(1);
            group.Cancel();
            await Asyncio.Sleep(10);
            passed = true;
        });

        Assert.False(passed);
        Assert.True(task!.IsCanceled);
        Assert.Equal(TimeSpan.FromSeconds(1), Asyncio.CurrentTask!.Loop.Time);
        Assert.Equal(0, Asyncio.CurrentTask.CancelRequests);
    });

    [Fact]
    public void By_one_of_its_tasks_it_ends_the_block_too() => LoopTest.Run(async () =>
    {
        var passed = false;

        await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(CancelAfter(group, 1));
            await Asyncio.Sleep(10);
            passed = true;
        });

        Assert.False(passed);
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
        await Asyncio.Yield();
    });

    [Fact]
    public void While_the_group_waits_it_cancels_the_tasks_only() => LoopTest.Run(async () =>
    {
        var canceled = 0;

        var result = await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(CancelAfter(group, 1));
            group.StartSoon(CountCancel());
            group.StartSoon(CountCancel());
            return 42;
        });

        Assert.Equal(42, result);
        Assert.Equal(2, canceled);
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

    [Fact]
    public void A_block_without_another_wait_runs_to_its_end() => LoopTest.Run(async () =>
    {
        var result = await TaskGroup.RunAsync(async group =>
        {
            group.Cancel();
            return 42;
        });

        Assert.Equal(42, result);
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
        await Asyncio.Yield();
    });

    [Fact]
    public void A_cancelled_block_has_the_default_result() => LoopTest.Run(async () =>
    {
        var result = await TaskGroup.RunAsync(async group =>
        {
            group.Cancel();
            await Asyncio.Yield();
            return "never";
        });

        Assert.Null(result);
    });

    [Fact]
    public void Twice_is_as_good_as_once_and_after_the_end_it_does_nothing() => LoopTest.Run(async () =>
    {
        TaskGroup? ended = null;

        await TaskGroup.RunAsync(async group =>
        {
            ended = group;
            group.Cancel();
            group.Cancel();
            Assert.Equal(1, Asyncio.CurrentTask!.CancelRequests);
            await Asyncio.Sleep(1);
        });
        ended!.Cancel();

        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
        await Asyncio.Yield();
    });

    [Fact]
    public void Takes_no_tasks_afterwards() => LoopTest.Run(async () =>
    {
        await TaskGroup.RunAsync(async group =>
        {
            group.Cancel();
            Assert.Throws<InvalidOperationException>(() => group.StartSoon(Asyncio.Yield()));
        });
    });

    [Fact]
    public void Tasks_that_fail_when_cancelled_still_fail_the_group() => LoopTest.Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(FailWhenCanceled());
            await Asyncio.Yield();
            group.Cancel();
        }));

        Assert.Equal("FormatException", Expect.TypesIn(failure));
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);

        static async Coroutine FailWhenCanceled()
        {
            try
            {
                await Asyncio.Sleep(10);
            }
            catch (CanceledException)
            {
                throw new FormatException();
            }
        }
    });

    [Fact]
    public void A_failure_before_it_is_still_thrown() => LoopTest.Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Coroutine.FromException(new FormatException()));
            try
            {
                await Asyncio.Sleep(10);
            }
            finally
            {
                group.Cancel();
            }
        }));

        Assert.Equal("FormatException", Expect.TypesIn(failure));
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
    });

    // CPython lost the cancellation from outside here until gh-155433.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_cancellation_from_outside_while_it_waits_is_not_lost(bool outsideFirst) => LoopTest.Run(async () =>
    {
        var passed = false;
        TaskGroup? group = null;
        var runner = Asyncio.CreateTask(Main());
        await Expect.Turns(3);

        if (outsideFirst)
            runner.Cancel();
        group!.Cancel();
        if (!outsideFirst)
            runner.Cancel();

        await Expect.ThrowsAsync<CanceledException>(runner);
        Assert.False(passed);
        Assert.Equal(1, runner.CancelRequests);

        async Coroutine Main()
        {
            await TaskGroup.RunAsync(async opened =>
            {
                group = opened;
                opened.StartSoon(CleanUpSlowly());
            });
            passed = true;
        }

        static async Coroutine CleanUpSlowly()
        {
            try
            {
                await Asyncio.Sleep(10);
            }
            finally
            {
                await Asyncio.Sleep(1);
            }
        }
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_cancellation_from_outside_while_the_block_runs_is_not_lost(bool outsideFirst) => LoopTest.Run(async () =>
    {
        TaskGroup? group = null;
        var runner = Asyncio.CreateTask(TaskGroup.RunAsync(async opened =>
        {
            group = opened;
            await Asyncio.Sleep(10);
        }));
        await Expect.Turns(3);

        if (outsideFirst)
            runner.Cancel();
        group!.Cancel();
        if (!outsideFirst)
            runner.Cancel();

        await Expect.ThrowsAsync<CanceledException>(runner);
        Assert.Equal(1, runner.CancelRequests);
    });

    [Fact]
    public void Ends_only_its_own_one_of_nested_groups() => LoopTest.Run(async () =>
    {
        var (innerPassed, outerPassed) = (false, false);

        await TaskGroup.RunAsync(async _ =>
        {
            await TaskGroup.RunAsync(async inner =>
            {
                inner.Cancel();
                await Asyncio.Sleep(1);
                innerPassed = true;
            });
            await Asyncio.Sleep(1);
            outerPassed = true;
        });

        Assert.False(innerPassed);
        Assert.True(outerPassed);
    });

    private static async Coroutine CancelAfter(TaskGroup group, double seconds)
    {
        await Asyncio.Sleep(seconds);
        group.Cancel();
    }
}
