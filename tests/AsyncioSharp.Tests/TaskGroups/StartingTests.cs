namespace AsyncioSharp.Tests;

/// <summary><see cref="TaskGroup.StartAsync{T}"/>: tasks that are waited for until they are ready.</summary>
public sealed class StartingTests
{
    [Fact]
    public void Returns_what_the_task_says_when_it_is_ready_and_the_task_goes_on() => LoopTest.Run(async () =>
    {
        var ended = false;

        await TaskGroup.RunAsync(async group =>
        {
            var port = await group.StartAsync<int>(async started =>
            {
                await Asyncio.Sleep(1);
                started.Set(8080);
                await Asyncio.Sleep(1);
                ended = true;
            }, "server");

            Assert.Equal(8080, port);
            Assert.False(ended);
            Assert.Equal(TimeSpan.FromSeconds(1), Asyncio.CurrentTask!.Loop.Time);
        });

        Assert.True(ended);
    });

    [Fact]
    public void Without_a_value_it_is_only_the_time_that_counts() => LoopTest.Run(async () => await TaskGroup.RunAsync(async group =>
    {
        await group.StartAsync(async started =>
        {
            await Asyncio.Sleep(1);
            started.Set();
        });
        Assert.Equal(TimeSpan.FromSeconds(1), Asyncio.CurrentTask!.Loop.Time);
    }));

    [Fact]
    public void A_failure_before_it_is_ready_is_the_starters_and_not_the_groups() => LoopTest.Run(async () =>
    {
        await TaskGroup.RunAsync(async group =>
        {
            var sibling = group.CreateTask(Asyncio.Sleep(5));
            await Expect.ThrowsAsync<FormatException>(group.StartAsync<int>(async _ =>
            {
                await Asyncio.Sleep(1);
                throw new FormatException();
            }));
            await sibling;
        });
        Assert.Equal(TimeSpan.FromSeconds(5), Asyncio.CurrentTask!.Loop.Time);
    });

    [Fact]
    public void A_failure_after_that_is_the_groups() => LoopTest.Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group =>
        {
            await group.StartAsync(async started =>
            {
                started.Set();
                throw new FormatException("late");
            }, "server");
            await Asyncio.Sleep(5);
        }));

        Assert.Equal("1 task failed: 'server' (FormatException: late)", failure.Message);
    });

    [Fact]
    public void A_task_that_ends_without_a_word_is_an_error_that_says_so() => LoopTest.Run(async () => await TaskGroup.RunAsync(async group =>
    {
        var mistake = await Expect.ThrowsAsync<InvalidOperationException>(group.StartAsync<int>(_ => Asyncio.Sleep(1), "mute"));
        Assert.Contains("'mute' has ended without saying that it is ready", mistake.Message);
    }));

    [Fact]
    public void A_group_that_has_ended_or_is_being_cancelled_starts_nothing_and_says_so_at_the_call() => LoopTest.Run(async () =>
    {
        TaskGroup? ended = null;
        await TaskGroup.RunAsync(async group => ended = group);
        Assert.Throws<ArgumentNullException>(() => { _ = ended!.StartAsync(null!); });
        Assert.Contains("ended", Assert.Throws<InvalidOperationException>(() => ended!.StartAsync(async started => started.Set())).Message);

        await TaskGroup.RunAsync(async group =>
        {
            group.Cancel();
            Assert.Contains(
                "shutting down", Assert.Throws<InvalidOperationException>(() => group.StartAsync<int>(async started => started.Set(1))).Message);
        });
    });

    [Fact]
    public void A_group_that_has_ended_before_the_start_was_awaited_starts_nothing_either() => LoopTest.Run(async () =>
    {
        var starting = default(Coroutine);
        await TaskGroup.RunAsync(async group => starting = group.StartAsync(async started => started.Set()));
        await Expect.ThrowsAsync<InvalidOperationException>(starting);
    });

    [Fact]
    public void Saying_it_twice_or_too_late_is_a_mistake() => LoopTest.Run(async () => await TaskGroup.RunAsync(async group =>
    {
        StartSignal? late = null;
        await group.StartAsync(async started =>
        {
            started.Set();
            Assert.Contains("before", Assert.Throws<InvalidOperationException>(started.Set).Message);
        });
        await Expect.ThrowsAsync<InvalidOperationException>(group.StartAsync(async started => late = started));
        Assert.Contains("too late", Assert.Throws<InvalidOperationException>(late!.Set).Message);
    }));

    [Fact]
    public void The_starter_is_cancelled_and_so_is_the_task_which_is_waited_for() => LoopTest.Run(async () =>
    {
        var cleaned = false;

        await TaskGroup.RunAsync(async group =>
        {
            await Expect.ThrowsAsync<TimeoutException>(Asyncio.Timeout(1, async _ => await group.StartAsync<int>(async _ =>
            {
                try
                {
                    await Asyncio.Sleep(10);
                }
                finally
                {
                    await Asyncio.Sleep(1);
                    cleaned = true;
                }
            })));
            Assert.True(cleaned);
            Assert.Equal(TimeSpan.FromSeconds(2), Asyncio.CurrentTask!.Loop.Time);
            Assert.Equal(0, Asyncio.CurrentTask.CancelRequests);
        });
    });

    [Fact]
    public void A_task_that_fails_when_the_starter_is_cancelled_is_heard_and_the_cancellation_too() => LoopTest.Run(async () =>
    {
        var task = Asyncio.CreateTask(TaskGroup.RunAsync(async group =>
        {
            await Expect.ThrowsAsync<FormatException>(group.StartAsync(async _ =>
            {
                await Expect.ThrowsAsync<CanceledException>(Asyncio.Sleep(10));
                throw new FormatException();
            }));
            await Asyncio.Yield();
            Assert.Fail("The cancellation was lost.");
        }));
        await Asyncio.Sleep(1);
        task.Cancel();

        await Expect.ThrowsAsync<CanceledException>(task);
    });

    [Fact]
    public void The_end_of_the_group_ends_a_task_that_is_starting() => LoopTest.Run(async () =>
    {
        await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(CancelLater(group));
            await group.StartAsync<int>(_ => Asyncio.Sleep(10));
            Assert.Fail("It was never ready.");
        });
        Assert.Equal(TimeSpan.FromSeconds(1), Asyncio.CurrentTask!.Loop.Time);

        static async Coroutine CancelLater(TaskGroup group)
        {
            await Asyncio.Sleep(1);
            group.Cancel();
        }
    });

    [Fact]
    public void In_a_cancelled_scope_both_are_cancelled() => LoopTest.Run(async () => await TaskGroup.RunAsync(async group =>
    {
        var port = await Asyncio.MoveOnAfter(1, async _ => await group.StartAsync<int>(_ => Asyncio.Shielded(() => Asyncio.Sleep(3))));
        Assert.True(port.IsCanceled);
        Assert.Equal(TimeSpan.FromSeconds(3), Asyncio.CurrentTask!.Loop.Time);
    }));
}
