namespace AsyncioSharp.Tests;

public sealed partial class CancelScopeTests
{
    [Fact]
    public void A_shield_holds_the_tasks_cancellation_back_until_it_ends() => LoopTest.Run(async () =>
    {
        var (finished, passed) = (false, false);
        var task = Asyncio.CreateTask(Main());
        await Asyncio.Sleep(1);

        task.Cancel("stop");
        Assert.Equal(0, task.CancelRequests);
        var cancellation = await Expect.ThrowsAsync<CanceledException>(task);

        Assert.Equal("stop", cancellation.Message);
        Assert.True(finished);
        Assert.False(passed);
        Assert.Equal(1, task.CancelRequests);
        Assert.Equal(TimeSpan.FromSeconds(5), Now);

        async Coroutine Main()
        {
            await Asyncio.Shielded(async () =>
            {
                await Asyncio.Sleep(5);
                finished = true;
            });
            await Asyncio.Sleep(5);
            passed = true;
        }
    });

    [Fact]
    public void A_task_that_ends_with_its_shield_is_cancelled_all_the_same() => LoopTest.Run(async () =>
    {
        var task = Asyncio.CreateTask(Asyncio.Shielded(async () =>
        {
            await Asyncio.Sleep(5);
            return 42;
        }));
        await Asyncio.Sleep(1);

        Assert.True(task.Cancel());

        await Expect.ThrowsAsync<CanceledException>(task);
    });

    [Fact]
    public void Requests_from_before_and_during_a_shield_are_counted_after_it() => LoopTest.Run(async () =>
    {
        var task = Asyncio.CreateTask(Main());
        await Asyncio.Yield();
        task.Cancel();
        await Asyncio.Sleep(1);
        task.Cancel();
        task.Cancel();

        Assert.Equal(3, await task);
        Assert.Equal(0, task.CancelRequests);

        static async Coroutine<int> Main()
        {
            await Expect.ThrowsAsync<CanceledException>(Asyncio.Sleep(10));
            await Asyncio.Shielded(async () =>
            {
                Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
                await Asyncio.Sleep(5);
            });
            var requests = Asyncio.CurrentTask!.CancelRequests;
            while (Asyncio.CurrentTask.Uncancel() > 0)
            {
            }
            await Asyncio.Yield();
            return requests;
        }
    });

    [Fact]
    public void A_request_that_was_not_delivered_waits_outside() => LoopTest.Run(async () =>
    {
        var finished = false;
        var task = Asyncio.CreateTask(Main());

        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.True(finished);

        async Coroutine Main()
        {
            Asyncio.CurrentTask!.Cancel();
            await Asyncio.Shielded(async () =>
            {
                Assert.False(Asyncio.CancellationToken.IsCancellationRequested);
                await Asyncio.Sleep(1);
                finished = true;
            });
            Assert.True(Asyncio.CancellationToken.IsCancellationRequested);
            await Asyncio.Sleep(1);
        }
    });

    [Fact]
    public void A_shield_keeps_scopes_and_timeouts_around_it_away() => LoopTest.Run(async () =>
    {
        var finished = 0;

        Assert.True(await Asyncio.MoveOnAfter(1, async _ =>
        {
            await Asyncio.Shielded(async () => await Finish());
            await Asyncio.Yield();
            Assert.Fail("The scope is cancelled.");
        }));
        await Expect.ThrowsAsync<TimeoutException>(Asyncio.Timeout(1, async _ =>
        {
            await Asyncio.Shielded(async () => await Finish());
            await Asyncio.Yield();
            Assert.Fail("The time is over.");
        }));

        Assert.Equal(2, finished);
        await AssertUndisturbed();

        async Coroutine Finish()
        {
            await Asyncio.Sleep(5);
            finished++;
        }
    });

    [Fact]
    public void Inside_a_shield_timeouts_scopes_and_groups_work_as_ever() => LoopTest.Run(async () =>
    {
        var task = Asyncio.CreateTask(Main());
        await Asyncio.Sleep(1);
        task.Cancel();
        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.Equal(1, task.CancelRequests);
        Assert.Equal(TimeSpan.FromSeconds(11), Now);

        static async Coroutine Main()
        {
            await Asyncio.Shielded(async () =>
            {
                await Asyncio.Sleep(5);
                await Expect.ThrowsAsync<TimeoutException>(Asyncio.Timeout(1, async _ => await Asyncio.Sleep(10)));
                await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(Asyncio.Sleep(10), 1));
                Assert.True(await Asyncio.MoveOnAfter(1, async _ => await Asyncio.Sleep(10)));
                await TaskGroup.RunAsync(async group =>
                {
                    await Asyncio.Sleep(1);
                    group.Cancel();
                    await Asyncio.Sleep(10);
                });
                await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group =>
                {
                    group.StartSoon(Coroutine.FromException(new FormatException()));
                    await Asyncio.Sleep(10);
                }));
                await Asyncio.Shielded(async () => await Asyncio.Sleep(1));
                await Asyncio.Sleep(1);
            });
            await Asyncio.Yield();
            Assert.Fail("The cancellation was lost.");
        }
    });

    [Fact]
    public void A_timeout_between_two_shields_comes_when_the_inner_one_ends() => LoopTest.Run(async () =>
    {
        var task = Asyncio.CreateTask(Main());
        await Asyncio.Sleep(2);
        task.Cancel();
        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.Equal(TimeSpan.FromSeconds(6), Now);

        static async Coroutine Main()
        {
            await Asyncio.Shielded(async () =>
            {
                await Expect.ThrowsAsync<TimeoutException>(Asyncio.Timeout(1, async _ =>
                {
                    await Asyncio.Shielded(async () => await Asyncio.Sleep(5));
                    await Asyncio.Sleep(5);
                }));
                Assert.Equal(TimeSpan.FromSeconds(5), Now);
                await Asyncio.Sleep(1);
            });
            await Asyncio.Sleep(1);
        }
    });

    [Fact]
    public void A_shield_can_be_cancelled_itself_and_bounded() => LoopTest.Run(async () =>
    {
        var cutOff = await Asyncio.MoveOnAfter(1, async _ =>
        {
            try
            {
                await Asyncio.Sleep(10);
            }
            finally
            {
                Assert.True(await Asyncio.MoveOnAfter(2, async _ => await Asyncio.Sleep(10), shield: true));
            }
        });

        Assert.True(cutOff);
        Assert.Equal(TimeSpan.FromSeconds(3), Now);
        await AssertUndisturbed();
    });

    [Fact]
    public void A_shielded_failure_comes_first_and_the_cancellation_is_not_lost() => LoopTest.Run(async () =>
    {
        var task = Asyncio.CreateTask(Main());
        await Asyncio.Sleep(1);
        task.Cancel();
        await Expect.ThrowsAsync<CanceledException>(task);

        static async Coroutine Main()
        {
            await Expect.ThrowsAsync<FormatException>(Asyncio.Shielded(async () =>
            {
                await Asyncio.Sleep(2);
                throw new FormatException();
            }));
            await Asyncio.Sleep(1);
        }
    });

    [Fact]
    public void Whoever_waits_for_a_shielded_task_is_cancelled_when_it_is() => LoopTest.Run(async () =>
    {
        var inner = Asyncio.CreateTask(Asyncio.Shielded(async () => await Asyncio.Sleep(5)));
        var outer = Asyncio.CreateTask(Wait(inner));
        await Asyncio.Sleep(1);

        outer.Cancel();
        await Asyncio.Wait([outer]);

        Assert.True(inner.IsCanceled);
        Assert.True(outer.IsCanceled);
        Assert.Equal(TimeSpan.FromSeconds(5), Now);

        static async Coroutine Wait(AsyncioTask task) => await task;
    });
}
