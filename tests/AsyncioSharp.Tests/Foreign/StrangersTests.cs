using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Foreign;

/// <summary>What happens to one await does not reach another that has nothing to do with it.</summary>
public sealed class StrangersTests
{
    [Fact]
    public void A_failed_coroutine_that_async_code_awaits_leaves_nothing_for_the_next_await() => LoopTest.Run(async () =>
    {
        await CatchAsync();
        await Asyncio.Sleep(1.0);

        static async Task CatchAsync() =>
            await Assert.ThrowsAsync<IOException>(async () => await Coroutine.FromException(new IOException("first")));
    });

    [Fact]
    public void Code_that_runs_on_behalf_of_nobody_does_so_also_inside_a_task() => LoopTest.Run(async () =>
    {
        var loop = EventLoop.Running;
        var ownContext = (SynchronizationContext?)null;
        loop.CallSoon(() => ownContext = SynchronizationContext.Current);
        await Expect.Turns(2);
        var (task, context) = (Asyncio.CurrentTask, SynchronizationContext.Current);

        loop.RunOnBehalfOf(null, _ => Assert.Equal((null, ownContext), (Asyncio.CurrentTask, SynchronizationContext.Current)), null);
        Assert.Throws<FormatException>(() => loop.RunOnBehalfOf(null, static _ => throw new FormatException(), null));

        Assert.Equal((task, context), (Asyncio.CurrentTask, SynchronizationContext.Current));
    });

    [Fact]
    public void A_cancelled_task_does_not_take_along_async_code_that_it_only_woke() => LoopTest.Run(async () =>
    {
        var woken = new TaskCompletionSource();
        var never = new TaskCompletionSource();
        Task? stranger = null;
        EventLoop.Running.CallSoon(() => stranger = StrangerAsync());
        await Expect.Turns(2);
        var task = Asyncio.CreateTask(WakeAndWaitAsync());
        await Expect.Turns(4);
        task.Cancel();
        await Asyncio.Wait([task]);
        await stranger!;

        async Task StrangerAsync()
        {
            await woken.Task;
            await Asyncio.Sleep(1.0);
        }

        async Coroutine WakeAndWaitAsync()
        {
            woken.SetResult();
            await ForeignAsync();
        }

        async Coroutine ForeignAsync() => await never.Task.WaitAsync(Asyncio.CancellationToken);
    });
}
