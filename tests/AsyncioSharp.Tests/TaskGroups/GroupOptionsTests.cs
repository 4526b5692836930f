namespace AsyncioSharp.Tests;

/// <summary>Groups that bound how many tasks run, and groups whose tasks fail alone.</summary>
public sealed class GroupOptionsTests
{
    private static TimeSpan Now => Asyncio.CurrentTask!.Loop.Time;

    [Fact]
    public void A_bounded_group_runs_so_many_at_a_time_in_order() => LoopTest.Run(async () =>
    {
        var (running, most, order) = (0, 0, new List<int>());

        var results = await TaskGroup.RunAsync(async group =>
        {
            var tasks = Enumerable.Range(0, 7).Select(i => group.CreateTask(Work(i))).ToList();
            return await Asyncio.Gather(tasks);
        }, new TaskGroupOptions { MaxConcurrency = 3 });

        Assert.Equal(3, most);
        Assert.Equal(Enumerable.Range(0, 7), order);
        Assert.Equal(Enumerable.Range(0, 7), results);
        Assert.Equal(TimeSpan.FromSeconds(3), Now);

        async Coroutine<int> Work(int number)
        {
            order.Add(number);
            most = Math.Max(most, ++running);
            await Asyncio.Sleep(1);
            running--;
            return number;
        }
    });

    [Fact]
    public void A_task_that_is_cancelled_before_its_turn_never_runs_and_blocks_nobody() => LoopTest.Run(async () =>
    {
        var ran = new List<int>();

        await TaskGroup.RunAsync(async group =>
        {
            var tasks = Enumerable.Range(0, 4).Select(i => group.CreateTask(Work(i))).ToList();
            tasks[3].Cancel();
            await Asyncio.Sleep(0.5);
            tasks[1].Cancel();
        }, new TaskGroupOptions { MaxConcurrency = 1 });

        Assert.Equal([0, 2], ran);
        Assert.Equal(TimeSpan.FromSeconds(2), Now);

        async Coroutine Work(int number)
        {
            ran.Add(number);
            await Asyncio.Sleep(1);
        }
    }, debug: true);

    [Fact]
    public void A_failure_keeps_those_who_wait_from_starting() => LoopTest.Run(async () =>
    {
        var ran = false;

        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Coroutine.FromException(new FormatException()));
            group.StartSoon(Run());
        }, new TaskGroupOptions { MaxConcurrency = 1 }));

        Assert.Equal("FormatException", Expect.TypesIn(failure));

        // The failing task gives its place back before the group hears of it.
        async Coroutine Run()
        {
            await Asyncio.Sleep(1);
            ran = true;
        }

        Assert.False(ran);
    }, debug: true);

    [Fact]
    public void Whoever_makes_tasks_can_wait_for_room() => LoopTest.Run(async () =>
    {
        var made = new List<double>();

        await TaskGroup.RunAsync(async group =>
        {
            for (var i = 0; i < 5; i++)
            {
                await group.WaitForSlotAsync();
                made.Add(Now.TotalSeconds);
                group.StartSoon(Asyncio.Sleep(1));
            }
        }, new TaskGroupOptions { MaxConcurrency = 2 });

        Assert.Equal([0, 0, 1, 1, 2], made);
    });

    [Fact]
    public void Room_that_one_leaves_unused_is_the_next_ones() => LoopTest.Run(async () =>
    {
        await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Asyncio.Sleep(1));
            await Asyncio.Gather(group.WaitForSlotAsync(), group.WaitForSlotAsync());
        }, new TaskGroupOptions { MaxConcurrency = 1 });

        await TaskGroup.RunAsync(async group => await group.WaitForSlotAsync());
        Assert.Equal(TimeSpan.FromSeconds(1), Now);
    });

    [Fact]
    public void A_bound_below_one_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new TaskGroupOptions { MaxConcurrency = 0 });

    [Fact]
    public void In_a_supervising_group_tasks_fail_alone_and_all_is_told_at_the_end() => LoopTest.Run(async () =>
    {
        AsyncioTask<int>? good = null;
        var blockEnded = false;

        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(FailAfter(1), "a");
            good = group.CreateTask(Asyncio.Sleep(TimeSpan.FromSeconds(5), 42));
            group.StartSoon(FailAfter(2), "b");
            await Asyncio.Sleep(3);
            blockEnded = true;
        }, new TaskGroupOptions { Supervising = true }));

        Assert.True(blockEnded);
        Assert.Equal(42, good!.Result);
        Assert.StartsWith("2 of 3 tasks failed: 'a' (FormatException", failure.Message);
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
    });

    [Fact]
    public void Failures_can_be_handed_over_one_by_one() => LoopTest.Run(async () =>
    {
        var failed = new List<string>();

        var result = await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(FailAfter(1), "a");
            group.StartSoon(FailAfter(2), "b");
            await Asyncio.Sleep(3);
            return 42;
        }, new TaskGroupOptions { ChildFailed = task => failed.Add($"{task.Name}: {task.Exception!.GetType().Name}") });

        Assert.Equal(42, result);
        Assert.Equal(["a: FormatException", "b: FormatException"], failed);
    });

    [Fact]
    public void A_handler_can_start_a_task_anew_even_the_last_one() => LoopTest.Run(async () =>
    {
        var runs = 0;
        TaskGroup group = null!;

        await TaskGroup.RunAsync(async opened =>
        {
            group = opened;
            group.StartSoon(Work());
        }, new TaskGroupOptions { ChildFailed = _ => group.StartSoon(Work()) });

        Assert.Equal(3, runs);

        async Coroutine Work()
        {
            await Asyncio.Sleep(1);
            if (++runs < 3)
                throw new FormatException();
        }
    });

    [Fact]
    public void A_handler_that_throws_ends_the_group() => LoopTest.Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(FailAfter(1), "a");
            await Asyncio.Sleep(10);
        }, new TaskGroupOptions { ChildFailed = task => throw new InvalidDataException("too bad", task.Exception) }));

        Assert.Equal("1 task failed: 'a' (InvalidDataException: too bad)", failure.Message);
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
    });

    [Fact]
    public void A_failing_block_ends_a_supervising_group() => LoopTest.Run(async () =>
    {
        AsyncioTask? task = null;

        await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group =>
        {
            task = group.CreateTask(Asyncio.Sleep(10));
            await Asyncio.Yield();
            throw new FormatException();
        }, new TaskGroupOptions { Supervising = true }));

        Assert.True(task!.IsCanceled);
    });

    private static async Coroutine FailAfter(double seconds)
    {
        await Asyncio.Sleep(seconds);
        throw new FormatException("by itself");
    }
}
