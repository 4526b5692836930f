namespace AsyncioSharp.Tests;

public abstract partial class TaskGroupTests
{
    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_cancellation")]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_22")]
    public void Cancelling_while_it_waits_cancels_its_tasks() => Run(async () =>
    {
        var canceled = 0;
        var runner = Asyncio.CreateTask(TaskGroup.RunAsync(async group =>
        {
            for (var i = 0; i < 5; i++)
                group.StartSoon(CountCancel());
        }));
        await Asyncio.Sleep(0.1);
        Assert.False(runner.IsCompleted);

        runner.Cancel();

        await Expect.ThrowsAsync<CanceledException>(runner);
        Assert.Equal(5, canceled);
        Assert.True(runner.IsCanceled);

        async Coroutine CountCancel()
        {
            try
            {
                await Asyncio.Sleep(5);
            }
            catch (CanceledException)
            {
                canceled++;
                throw;
            }
        }
    });

    [Theory]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_07")]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_17")]
    [InlineData(5)]
    [InlineData(0)]
    public void Cancelling_the_block_cancels_its_tasks(int tasks) => Run(async () =>
    {
        var (canceledTasks, canceledBlocks) = (0, 0);
        var runner = Asyncio.CreateTask(TaskGroup.RunAsync(async group =>
        {
            for (var i = 0; i < tasks; i++)
                group.StartSoon(SleepOr(() => canceledTasks++));
            await SleepOr(() => canceledBlocks++);
        }));
        await Asyncio.Sleep(0.1);

        runner.Cancel();

        await Expect.ThrowsAsync<CanceledException>(runner);
        Assert.Equal(tasks, canceledTasks);
        Assert.Equal(1, canceledBlocks);

        static async Coroutine SleepOr(Action canceled)
        {
            try
            {
                await Asyncio.Sleep(10);
            }
            catch (CanceledException)
            {
                canceled();
                throw;
            }
        }
    });

    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_08")]
    public void Tasks_that_fail_when_cancelled_take_precedence_over_the_cancellation() => Run(async () =>
    {
        var runner = Asyncio.CreateTask(TaskGroup.RunAsync(async group =>
        {
            for (var i = 0; i < 5; i++)
                group.StartSoon(FailWhenCanceled(new CustomException()));
            await Asyncio.Sleep(10);
        }));
        await Asyncio.Sleep(0.1);

        runner.Cancel();

        var failure = await Expect.ThrowsAsync<AggregateException>(runner);
        Assert.Equal(5, failure.InnerExceptions.Count);
        Assert.All(failure.InnerExceptions, inner => Assert.IsType<CustomException>(inner));
    });

    [Theory]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_11")]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_12")]
    [InlineData(false)]
    [InlineData(true)]
    public void Nested_groups_pass_such_failures_outwards(bool outerHasTask) => Run(async () =>
    {
        var runner = Asyncio.CreateTask(TaskGroup.RunAsync(async outer =>
        {
            if (outerHasTask)
                outer.StartSoon(Asyncio.Sleep(10));
            await TaskGroup.RunAsync(async inner =>
            {
                for (var i = 0; i < 5; i++)
                    inner.StartSoon(FailWhenCanceled(new CustomException()));
                await Asyncio.Sleep(10);
            });
        }));
        await Asyncio.Sleep(0.1);

        runner.Cancel();

        var failure = await Expect.ThrowsAsync<AggregateException>(runner);
        var inner = Assert.IsType<TaskGroupException>(Assert.Single(failure.InnerExceptions));
        Assert.All(inner.InnerExceptions, e => Assert.IsType<CustomException>(e));
    });

    [Theory]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_15")]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_16")]
    [InlineData(false)]
    [InlineData(true)]
    public void A_task_that_fails_while_the_cancelled_block_cleans_up_is_collected(bool nested) => Run(async () =>
    {
        var runner = Asyncio.CreateTask(nested ? Nest() : Main());
        await Asyncio.Sleep(0.1);

        runner.Cancel();

        var failure = await Expect.ThrowsAsync<AggregateException>(runner);
        Assert.Equal("DivideByZeroException", Expect.TypesIn(failure));

        static async Coroutine Nest() => await Asyncio.CreateTask(Main());

        static Coroutine Main() => TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(FailAfter(0.3));
            try
            {
                await Asyncio.Sleep(10);
            }
            catch (CanceledException)
            {
                await Asyncio.Sleep(0.5);
                throw;
            }
        });
    });

    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_18")]
    public void A_block_may_turn_its_cancellation_into_a_failure() => Run(async () =>
    {
        var runner = Asyncio.CreateTask(TaskGroup.RunAsync(_ => FailWhenCanceled(new CustomException())));
        await Asyncio.Sleep(0.1);

        runner.Cancel();

        var failure = await Expect.ThrowsAsync<AggregateException>(runner);
        Assert.Equal("CustomException", Expect.TypesIn(failure));
    });

    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_cancelling_level_preserved")]
    public void The_groups_own_request_to_cancel_is_taken_back() => Run(async () =>
    {
        await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group => group.StartSoon(FailAfter(0))));

        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
    });

    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_nested_groups_both_cancelled")]
    public void Both_of_two_nested_groups_cancelled_at_once_settle_their_requests() => Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async outer =>
        {
            await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async inner =>
            {
                inner.StartSoon(FailAfter(0, new CustomException()));
                outer.StartSoon(FailAfter(0, new FormatException()));
            }));
            Assert.Equal(1, Asyncio.CurrentTask!.CancelRequests);
        }));

        Assert.Equal("FormatException", Expect.TypesIn(failure));
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
    });

    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_error_and_cancel")]
    public void A_cancellation_from_outside_beside_a_failure_is_delivered_at_the_next_wait() => Run(async () =>
    {
        var started = Asyncio.CurrentTask!.Loop.CreateFuture<bool>();
        var task = Asyncio.CreateTask(Inner());
        await started;
        Assert.Equal(0, task.CancelRequests);

        task.Cancel();

        Assert.Equal(1, task.CancelRequests);
        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.True(task.IsCanceled);

        async Coroutine Inner()
        {
            await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group =>
            {
                group.StartSoon(FailSoon());
                await Asyncio.Sleep(1);
                Assert.Fail("The wait in the group must have been cancelled.");
            }));
            Assert.Equal(1, Asyncio.CurrentTask!.CancelRequests);
            await Asyncio.Sleep(1);
            Assert.Fail("The wait after the group must have been cancelled.");
        }

        async Coroutine FailSoon()
        {
            started.SetResult(true);
            await Asyncio.Yield();
            throw new CustomException();
        }
    });

    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_cancels_task_if_created_during_creation")]
    public void A_task_whose_own_start_made_a_failing_task_is_cancelled() => Run(async () =>
    {
        var seen = false;

        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group => group.StartSoon(Second(group))));

        Assert.True(seen);
        Assert.Equal("CustomException", Expect.TypesIn(failure));

        async Coroutine Second(TaskGroup group)
        {
            group.StartSoon(Coroutine.FromException(new CustomException()));
            await Expect.ThrowsAsync<CanceledException>(async () =>
            {
                await Asyncio.Yield();
                await Asyncio.Yield();
            });
            seen = true;
        }
    });

    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_cancellation_does_not_leak_out_of_tg")]
    public void Its_cancellation_does_not_leak_out() => Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group =>
            group.StartSoon(Coroutine.FromException(new CustomException()))));

        Assert.Equal("CustomException", Expect.TypesIn(failure));
        await Asyncio.Yield();
        await Asyncio.Sleep(1);
    });
}
