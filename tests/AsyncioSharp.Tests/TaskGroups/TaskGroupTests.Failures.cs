namespace AsyncioSharp.Tests;

public abstract partial class TaskGroupTests
{
    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_04")]
    public void A_failure_cancels_the_other_tasks_and_arrives_in_an_aggregate() => Run(async () =>
    {
        var passed = false;
        var (canceled, other) = (false, (AsyncioTask?)null);

        var failure = await Expect.ThrowsAsync<AggregateException>(Asyncio.CreateTask(Main()));

        Assert.Equal("DivideByZeroException", Expect.TypesIn(failure));
        Assert.False(passed);
        Assert.True(canceled);
        Assert.True(other!.IsCanceled);

        async Coroutine Main()
        {
            await TaskGroup.RunAsync(async group =>
            {
                group.StartSoon(FailAfter(0.1));
                other = group.CreateTask(Wait());
            });
            passed = true;
        }

        async Coroutine Wait()
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            catch (CanceledException)
            {
                canceled = true;
                throw;
            }
            passed = true;
        }
    });

    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_cancel_children_on_child_error")]
    public void A_failure_cancels_the_block_as_well() => Run(async () =>
    {
        var seen = "";

        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group =>
        {
            for (var i = 0; i < 3; i++)
                group.StartSoon(FailAfter(0.1));
            group.StartSoon(NoteCancel("task "));
            await NoteCancel("block ");
        }));

        // All three timers are due in the same iteration, so all three fail before any of them could be cancelled.
        Assert.Equal("DivideByZeroException DivideByZeroException DivideByZeroException", Expect.TypesIn(failure));
        Assert.Contains("task ", seen);
        Assert.Contains("block ", seen);
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);

        async Coroutine NoteCancel(string who)
        {
            try
            {
                await Asyncio.Sleep(5);
            }
            catch (CanceledException)
            {
                seen += who;
                throw;
            }
            Assert.Fail("It must not have slept to the end.");
        }
    });

    [Theory]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_09")]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_10")]
    [InlineData(true)]
    [InlineData(false)]
    public void A_failure_of_the_block_cancels_the_tasks(bool after) => Run(async () =>
    {
        AsyncioTask? first = null, second = null;

        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group =>
        {
            first = group.CreateTask(SleepAndReturn(1, 42));
            second = group.CreateTask(SleepAndReturn(2, 11));
            if (after)
                await Asyncio.Sleep(0.1);
            throw new DivideByZeroException();
        }));

        Assert.Equal("DivideByZeroException", Expect.TypesIn(failure));
        Assert.True(first!.IsCanceled);
        Assert.True(second!.IsCanceled);
    });

    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_13")]
    public void A_failure_in_the_outer_group_ends_the_inner_one() => Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async outer =>
        {
            outer.StartSoon(FailAfter(0.1));
            await TaskGroup.RunAsync(async inner => inner.StartSoon(FailAfter(10)));
        }));

        Assert.Equal("DivideByZeroException", Expect.TypesIn(failure));
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
    });

    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_14")]
    public void A_failure_in_the_inner_group_arrives_in_the_outer_one() => Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async outer =>
        {
            outer.StartSoon(FailAfter(10));
            await TaskGroup.RunAsync(async inner => inner.StartSoon(FailAfter(0.1)));
        }));

        var inner = Assert.IsType<TaskGroupException>(Assert.Single(failure.InnerExceptions));
        Assert.Equal("DivideByZeroException", Expect.TypesIn(inner));
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
    });

    // Python lets KeyboardInterrupt pass bare and groups other BaseExceptions; .NET has no exceptions of either kind.
    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_19")]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_20a")]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_21a")]
    public void A_block_that_fails_when_it_is_cancelled_adds_its_failure_at_the_end() => Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(FailAfter(0.1));
            await FailWhenCanceled(new CustomException());
        }));

        Assert.Equal(2, failure.InnerExceptions.Count);
        Assert.IsType<DivideByZeroException>(failure.InnerExceptions[0]);
        Assert.IsType<CustomException>(failure.InnerExceptions[1]);
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
    });

    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_context_manager_exit_raises")]
    public void A_clean_up_in_the_block_that_fails_is_collected_too() => Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Coroutine.FromException(new CustomException()));
            await FailWhenCanceled(new CustomException());
        }));

        Assert.Equal("CustomException CustomException", Expect.TypesIn(failure));
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
    });

    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_25")]
    public void Tasks_that_multiply_are_all_cancelled() => Run(async () =>
    {
        var heads = 0;

        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Hydra(group));
            group.StartSoon(Hercules());
        }));

        Assert.Equal("DivideByZeroException", Expect.TypesIn(failure));
        Assert.InRange(heads, 10, 100);
        _ = Assert.Single(Asyncio.AllTasks());

        async Coroutine Hydra(TaskGroup group)
        {
            heads++;
            await Asyncio.Sleep(0.01);
            group.StartSoon(Hydra(group));
            group.StartSoon(Hydra(group));
        }

        async Coroutine Hercules()
        {
            while (heads < 10)
                await Asyncio.Sleep(0.015);
            throw new DivideByZeroException();
        }
    });

    [Fact]
    public void The_aggregate_names_the_tasks_and_says_when_it_was_the_block() => Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(FailAfter(0.1), "reader");
            group.StartSoon(FailWhenCanceled(new CustomException()), "writer");
            await FailWhenCanceled(new FormatException());
        }));

        Assert.StartsWith("2 of 2 tasks failed, and so did the block of the task group: 'reader' (DivideByZeroException: ", failure.Message);
        Assert.Contains("'writer' (CustomException: ", failure.Message);
        Assert.Contains("the block (FormatException: ", failure.Message);
        Assert.Equal(["reader", "writer", null], Assert.IsType<TaskGroupException>(failure).Failures.Select(one => one.Task?.Name));
    });

    [Fact]
    public void The_aggregate_counts_the_tasks_and_cuts_long_stories_short() => Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group =>
        {
            for (var i = 0; i < 12; i++)
                group.StartSoon(Fail($"no. {i}\nand what else there is to say"), $"t{i}");
            group.StartSoon(Asyncio.Yield());
        }));

        Assert.StartsWith("12 of 13 tasks failed: 't0' (FormatException: no. 0), 't1' (FormatException: no. 1), ", failure.Message);
        Assert.EndsWith("'t9' (FormatException: no. 9) and 2 more", failure.Message);
        Assert.Equal(12, failure.InnerExceptions.Count);

        static async Coroutine Fail(string text) => throw new FormatException(text);
    });

    [Fact]
    public void A_block_that_fails_alone_is_named_as_such() => Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async Coroutine (_) => throw new FormatException("no")));

        Assert.Equal("The block of the task group failed: the block (FormatException: no)", failure.Message);
    });

    [Fact]
    public void A_block_that_waits_for_its_own_failing_task_does_not_fail_twice() => Run(async () =>
    {
        // As in Python: the group hears of the failure first and cancels the block, whose await then says only that.
        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group =>
            await group.CreateTask(FailAfter(0.1))));

        Assert.Equal("DivideByZeroException", Expect.TypesIn(failure));
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
    });

    [Fact]
    public void Failures_keep_the_stack_of_where_they_were_thrown() => Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group =>
            group.StartSoon(FailAfter(0.1))));

        Assert.Contains(nameof(FailAfter), failure.InnerException!.StackTrace);
    });
}
