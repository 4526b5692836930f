namespace AsyncioSharp.Tests;

public sealed partial class CancelScopeTests
{
    [Fact]
    public void Tasks_of_a_group_opened_in_it_are_cancelled_with_it_again_and_again() => LoopTest.Run(async () =>
    {
        var swallowed = 0;

        Assert.True(await Asyncio.MoveOnAfter(1, async _ =>
            await TaskGroup.RunAsync(async group =>
            {
                group.StartSoon(Swallow());
                group.StartSoon(Swallow());
                await Asyncio.Sleep(10);
            })));

        Assert.Equal(6, swallowed);
        Assert.Equal(TimeSpan.FromSeconds(1), Now);
        await AssertUndisturbed();

        async Coroutine Swallow()
        {
            for (var i = 0; i < 3; i++)
            {
                try
                {
                    await Asyncio.Sleep(10);
                }
                catch (CanceledException)
                {
                    swallowed++;
                }
            }
        }
    });

    [Fact]
    public void A_task_that_swallows_and_returns_has_its_result() => LoopTest.Run(async () =>
    {
        AsyncioTask<int>? task = null;

        Assert.True(await Asyncio.MoveOnAfter(1, async _ =>
            await TaskGroup.RunAsync(async group =>
            {
                task = group.CreateTask(Swallow());
            })));

        Assert.Equal(42, task!.Result);

        static async Coroutine<int> Swallow()
        {
            await Expect.ThrowsAsync<CanceledException>(Asyncio.Sleep(10));
            return 42;
        }
    });

    [Fact]
    public void A_group_in_it_waits_for_shielded_tasks_without_spinning() => LoopTest.Run(async () =>
    {
        var finished = false;

        Assert.True(await Asyncio.MoveOnAfter(1, async _ =>
            await TaskGroup.RunAsync(async group =>
            {
                group.StartSoon(Asyncio.Shielded(async () =>
                {
                    await Asyncio.Sleep(100);
                    finished = true;
                }));
                await Asyncio.Sleep(10);
            })));

        Assert.True(finished);
        Assert.Equal(TimeSpan.FromSeconds(100), Now);
        await AssertUndisturbed();
    });

    [Fact]
    public void Tasks_deep_below_it_are_cancelled_at_once_though_the_body_is_shielded() => LoopTest.Run(async () =>
    {
        var ended = TimeSpan.Zero;

        // The body itself has no other wait.
        Assert.False(await Asyncio.MoveOnAfter(1, async _ =>
            await TaskGroup.RunAsync(async group =>
            {
                group.StartSoon(Below());
                await Asyncio.Shielded(async () => await Asyncio.Sleep(5));
            })));

        Assert.Equal(TimeSpan.FromSeconds(1), ended);
        Assert.Equal(TimeSpan.FromSeconds(5), Now);
        await AssertUndisturbed();

        async Coroutine Below() => await Asyncio.MoveOnAfter(100, async _ =>
            await TaskGroup.RunAsync(async group => group.StartSoon(Asyncio.MoveOnAfter(50, async _ =>
            {
                try
                {
                    await Asyncio.Sleep(10);
                }
                finally
                {
                    ended = Now;
                }
            }))));
    });

    [Fact]
    public void A_group_opened_in_a_cancelled_scope_runs_none_of_its_tasks() => LoopTest.Run(async () =>
    {
        var ran = false;

        await Asyncio.CancelScope(async scope =>
        {
            scope.Cancel();
            await TaskGroup.RunAsync(async group => group.StartSoon(Run()));
        });

        Assert.False(ran);
        await AssertUndisturbed();

        async Coroutine Run() => ran = true;
    });

    [Fact]
    public void A_scope_in_a_task_of_a_group_leaves_the_others_alone() => LoopTest.Run(async () =>
    {
        AsyncioTask<int>? other = null;

        await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Asyncio.MoveOnAfter(1, async _ => await Asyncio.Sleep(10)));
            other = group.CreateTask(Asyncio.Sleep(TimeSpan.FromSeconds(2), 42));
        });

        Assert.Equal(42, other!.Result);
    });

    [Fact]
    public void Tasks_that_belong_to_no_group_in_it_run_on() => LoopTest.Run(async () =>
    {
        AsyncioTask<int>? free = null;

        await Asyncio.MoveOnAfter(1, async _ =>
        {
            free = Asyncio.CreateTask(Asyncio.Sleep(TimeSpan.FromSeconds(2), 42));
            await Asyncio.Sleep(10);
        });

        Assert.Equal(42, await free!);
    });

    [Fact]
    public void A_failure_in_a_group_comes_out_of_a_cancelled_scope() => LoopTest.Run(async () =>
    {
        await Expect.ThrowsAsync<AggregateException>(Asyncio.MoveOnAfter(1, async _ =>
            await TaskGroup.RunAsync(async group =>
            {
                group.StartSoon(FailWhenCanceled());
                await Asyncio.Sleep(10);
            })));
        await AssertUndisturbed();

        static async Coroutine FailWhenCanceled()
        {
            await Expect.ThrowsAsync<CanceledException>(Asyncio.Sleep(10));
            throw new FormatException();
        }
    });

    [Fact]
    public void Calls_into_dotnet_get_a_cancelled_token_and_a_fresh_one_in_a_shield() => LoopTest.Run(async () =>
    {
        Assert.True(await Asyncio.MoveOnAfter(1, async _ =>
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => Task.Delay(Timeout.Infinite, Asyncio.CancellationToken).WaitAsync(TimeSpan.FromSeconds(5)));
            Assert.True(Asyncio.CancellationToken.IsCancellationRequested);
            await Asyncio.Shielded(async () =>
            {
                Assert.False(Asyncio.CancellationToken.IsCancellationRequested);
                await Task.Delay(1, Asyncio.CancellationToken);
            });
            Assert.True(Asyncio.CancellationToken.IsCancellationRequested);
            await Task.Delay(Timeout.Infinite, Asyncio.CancellationToken);
        }));
        await AssertUndisturbed();
    });

    [Fact]
    public void Each_of_our_waits_in_async_Task_code_is_cancelled() => LoopTest.Run(async () =>
    {
        var swallowed = 0;

        await Asyncio.MoveOnAfter(1, async _ => await Foreign());

        Assert.Equal(3, swallowed);
        Assert.Equal(TimeSpan.FromSeconds(1), Now);
        await AssertUndisturbed();

        async Task Foreign()
        {
            for (var i = 0; i < 3; i++)
            {
                try
                {
                    await Asyncio.Sleep(10);
                }
                catch (OperationCanceledException)
                {
                    swallowed++;
                }
            }
        }
    });

    [Fact]
    public void A_condition_in_it_gets_its_lock_back() => LoopTest.Run(async () =>
    {
        var condition = new AsyncCondition();
        var other = Asyncio.CreateTask(HoldLater());

        Assert.True(await Asyncio.MoveOnAfter(2, async _ =>
        {
            using (await condition.AcquireAsync())
                await condition.WaitAsync();
        }));

        Assert.Equal(TimeSpan.FromSeconds(11), Now);
        await other;
        Assert.False(condition.IsLocked);

        async Coroutine HoldLater()
        {
            await Asyncio.Sleep(1);
            using (await condition.AcquireAsync())
                await Asyncio.Sleep(10);
        }
    });
}
