using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

public sealed partial class AsyncQueueTests
{
    [Fact]
    [CPythonTest("test_queues.py", "QueuePutTests", "test_blocking_put_wait")]
    public void Put_waits_for_room() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>(1);
        EventLoop.Running.CallLater(TimeSpan.FromSeconds(0.01), () => queue.GetNoWait());

        await queue.PutAsync(1);
        await queue.PutAsync(2);

        Assert.Equal(TimeSpan.FromSeconds(0.01), EventLoop.Running.Time);
        Assert.Equal(2, queue.GetNoWait());
    });

    [Fact]
    [CPythonTest("test_queues.py", "QueuePutTests", "test_put_cancel_drop")]
    public void A_putter_that_is_cancelled_when_it_was_woken_has_put_nothing() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>(1);
        queue.PutNoWait(1);
        var writer = Asyncio.CreateTask(queue.PutAsync(2));
        await Asyncio.Yield();

        Assert.Equal(1, queue.GetNoWait());
        writer.Cancel();
        await Expect.ThrowsAsync<CanceledException>(writer);

        Assert.Equal(0, queue.Count);
        await queue.PutAsync(2);
        Assert.Equal(2, queue.GetNoWait());
    });

    [Fact]
    [CPythonTest("test_queues.py", "QueuePutTests", "test_put_cancelled")]
    public void A_task_puts_in_its_turn() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>();
        var putter = Asyncio.CreateTask(Put());

        Assert.Equal(1, await queue.GetAsync());
        Assert.True(putter.Result);

        async Coroutine<bool> Put()
        {
            await queue.PutAsync(1);
            return true;
        }
    });

    [Fact]
    [CPythonTest("test_queues.py", "QueuePutTests", "test_put_cancelled_race")]
    public void A_cancelled_putter_does_not_disturb_the_others() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<string>(1);
        var first = Asyncio.CreateTask(queue.PutAsync("a"));
        var second = Asyncio.CreateTask(queue.PutAsync("b"));
        var third = Asyncio.CreateTask(queue.PutAsync("X"));
        await Asyncio.Yield();
        Assert.True(first.IsCompleted);
        Assert.False(second.IsCompleted);

        third.Cancel();
        await Asyncio.Yield();
        Assert.True(third.IsCanceled);
        Assert.Equal("a", queue.GetNoWait());
        await Asyncio.Yield();
        Assert.Equal("b", queue.GetNoWait());
        await second;
    });

    [Fact]
    [CPythonTest("test_queues.py", "QueuePutTests", "test_put_with_waiting_getters")]
    public void Put_wakes_one_who_waits_to_get() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<string>();
        var getter = Asyncio.CreateTask(queue.GetAsync());
        await Asyncio.Yield();

        await queue.PutAsync("a");

        Assert.Equal("a", await getter);
    });

    [Fact]
    [CPythonTest("test_queues.py", "QueuePutTests", "test_why_are_putters_waiting")]
    public void Getting_several_at_once_wakes_as_many_putters() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>(2);

        await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(GetAll());
            for (var i = 0; i < 4; i++)
                group.StartSoon(queue.PutAsync(i));
        });

        Assert.Equal(2, queue.Count);

        async Coroutine GetAll()
        {
            await Asyncio.Yield();
            for (var left = queue.Count; left > 0; left--)
                queue.GetNoWait();
        }
    });

    [Fact]
    [CPythonTest("test_queues.py", "QueuePutTests", "test_cancelled_puts_not_being_held_in_self_putters")]
    public void A_putter_that_was_cancelled_puts_nothing_later() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>(1);
        queue.PutNoWait(1);
        var putter = Asyncio.CreateTask(queue.PutAsync(2));
        await Asyncio.Yield();
        putter.Cancel();
        await Expect.ThrowsAsync<CanceledException>(putter);

        queue.GetNoWait();
        await Expect.Turns(3);

        Assert.True(queue.IsEmpty);
    });

    [Fact]
    [CPythonTest("test_queues.py", "QueuePutTests", "test_cancelled_put_silence_value_error_exception")]
    public void A_putter_that_is_cancelled_when_it_was_woken_ends_as_cancelled() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>(1);
        queue.PutNoWait(1);
        var putter = Asyncio.CreateTask(queue.PutAsync(1));
        await Asyncio.Yield();

        queue.GetNoWait();
        putter.Cancel();

        await Expect.ThrowsAsync<CanceledException>(putter);
    });

    [Fact]
    public void A_putter_that_is_cancelled_when_it_was_woken_wakes_the_next() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>(1);
        queue.PutNoWait(1);
        var second = Asyncio.CreateTask(queue.PutAsync(2));
        var third = Asyncio.CreateTask(queue.PutAsync(3));
        await Asyncio.Yield();

        queue.GetNoWait();
        second.Cancel();
        await Asyncio.WaitFor(third, 1);

        Assert.Equal(3, queue.GetNoWait());
    });

    [Fact]
    public void A_put_that_never_runs_puts_nothing() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>();

        var task = Asyncio.CreateTask(queue.PutAsync(1));
        Assert.True(queue.IsEmpty);
        task.Cancel();
        await Expect.ThrowsAsync<CanceledException>(task);
        _ = queue.PutAsync(2);

        Assert.True(queue.IsEmpty);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_put_that_is_awaited_twice_at_once_puts_once(bool whenWoken) => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>(1);
        queue.PutNoWait(1);
        var put = queue.PutAsync(2);
        var first = Asyncio.CreateTask(Await());
        await Asyncio.Yield();
        if (whenWoken)
            queue.GetNoWait();
        var second = Asyncio.CreateTask(Await(), eagerStart: true);

        await Expect.ThrowsAsync<InvalidOperationException>(Asyncio.WaitFor(second, 1));
        if (!whenWoken)
            queue.GetNoWait();
        await Asyncio.WaitFor(first, 1);

        var got = await queue.GetAsync();
        Assert.Equal((2, true), (got, queue.IsEmpty));

        async Coroutine Await() => await put;
    });
}
