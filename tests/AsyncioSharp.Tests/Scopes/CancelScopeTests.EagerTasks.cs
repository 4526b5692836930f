namespace AsyncioSharp.Tests;

public sealed partial class CancelScopeTests
{
    [Fact]
    public void A_scope_that_an_eager_task_opens_at_once_is_inside_that_of_its_group() => LoopTest.Run(async () =>
    {
        var (cutOff, swallowed) = (false, 0);

        Assert.True(await Asyncio.MoveOnAfter(3, async _ => await RunEagerly(Child())));

        Assert.True(cutOff);
        Assert.Equal(2, swallowed);
        Assert.Equal(TimeSpan.FromSeconds(3), Now);

        async Coroutine Child()
        {
            cutOff = await Asyncio.MoveOnAfter(1, async _ => await Asyncio.Sleep(10));
            swallowed += await SwallowTwice();
        }
    });

    [Fact]
    public void A_shield_that_an_eager_task_opens_at_once_shields() => LoopTest.Run(async () =>
    {
        Assert.True(await Asyncio.MoveOnAfter(1, async _ => await RunEagerly(Child())));

        Assert.Equal(TimeSpan.FromSeconds(5), Now);

        static async Coroutine Child() => await Asyncio.Shielded(async () => await Asyncio.Sleep(5));
    });

    [Fact]
    public void A_group_that_an_eager_task_opens_at_once_belongs_to_the_scope() => LoopTest.Run(async () =>
    {
        AsyncioTask<int>? task = null;

        Assert.True(await Asyncio.MoveOnAfter(3, async _ => await RunEagerly(Child())));

        Assert.Equal(2, task!.Result);

        async Coroutine Child() => await TaskGroup.RunAsync(async inner =>
        {
            task = inner.CreateTask(SwallowTwice());
            await Asyncio.Sleep(100);
        });
    });

    [Fact]
    public void An_eager_task_can_cancel_the_scope_in_its_first_step() => LoopTest.Run(async () =>
    {
        AsyncioTask<int>? task = null;

        Assert.True(await Asyncio.CancelScope(async outer => await RunEagerly(Child(outer))));

        Assert.Equal(2, task!.Result);

        async Coroutine Child(CancelScope outer) => await Asyncio.CancelScope(async _ => await TaskGroup.RunAsync(async inner =>
        {
            task = inner.CreateTask(SwallowTwice(), eagerStart: true);
            outer.Cancel();
            await Asyncio.Sleep(100);
        }));
    });

    [Fact]
    public void Groups_of_several_tasks_in_one_scope_can_end_in_any_order() => LoopTest.Run(async () =>
    {
        AsyncioTask<int>? task = null;

        Assert.True(await Asyncio.MoveOnAfter(3, async _ => await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Open(1));
            group.StartSoon(Open(100));
            group.StartSoon(Open(4));
        })));

        Assert.Equal(2, task!.Result);

        async Coroutine Open(int seconds) => await TaskGroup.RunAsync(async inner =>
        {
            if (seconds == 100)
                task = inner.CreateTask(SwallowTwice());
            await Asyncio.Sleep(seconds);
        });
    });

    private static Coroutine RunEagerly(Coroutine child) => TaskGroup.RunAsync(async group =>
    {
        _ = group.CreateTask(child, eagerStart: true);
    });

    private static async Coroutine<int> SwallowTwice()
    {
        for (var i = 0; i < 2; i++)
            await Expect.ThrowsAsync<CanceledException>(Asyncio.Sleep(10));
        return 2;
    }
}
