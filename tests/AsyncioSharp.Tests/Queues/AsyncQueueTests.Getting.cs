using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

public sealed partial class AsyncQueueTests
{
    [Fact]
    [CPythonTest("test_queues.py", "QueueGetTests", "test_blocking_get")]
    [CPythonTest("test_queues.py", "QueuePutTests", "test_blocking_put")]
    public void Get_takes_what_is_there() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>();
        await queue.PutAsync(1);

        Assert.Equal(1, await queue.GetAsync());
    });

    [Fact]
    [CPythonTest("test_queues.py", "QueueGetTests", "test_blocking_get_wait")]
    public void Get_waits_for_an_item() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>();
        EventLoop.Running.CallLater(TimeSpan.FromSeconds(0.01), () => queue.PutNoWait(1));

        Assert.Equal(1, await queue.GetAsync());
        Assert.Equal(TimeSpan.FromSeconds(0.01), EventLoop.Running.Time);
    });

    [Fact]
    [CPythonTest("test_queues.py", "QueueGetTests", "test_get_with_putters")]
    [CPythonTest("test_queues.py", "QueueGetTests", "test_get_with_waiting_putters")]
    public void Get_wakes_one_who_waits_to_put() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<string>(1);
        _ = Asyncio.CreateTask(queue.PutAsync("a"));
        var waiting = Asyncio.CreateTask(queue.PutAsync("b"));

        Assert.Equal("a", await queue.GetAsync());
        Assert.Equal("b", await queue.GetAsync());
        Assert.True(waiting.IsCompletedSuccessfully);
    });

    [Fact]
    [CPythonTest("test_queues.py", "QueueGetTests", "test_get_cancelled_race")]
    public void A_cancelled_getter_leaves_the_item_to_the_next() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<string>();
        var first = Asyncio.CreateTask(queue.GetAsync());
        var second = Asyncio.CreateTask(queue.GetAsync());
        await Asyncio.Yield();
        first.Cancel();
        await Asyncio.Yield();
        Assert.True(first.IsCanceled);

        await queue.PutAsync("a");
        await Asyncio.Yield();

        Assert.Equal("a", await second);
    });

    [Fact]
    [CPythonTest("test_queues.py", "QueuePutTests", "test_get_cancel_drop_one_pending_reader")]
    public void A_getter_that_is_cancelled_when_it_was_woken_drops_no_item() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>();
        var reader = Asyncio.CreateTask(queue.GetAsync());
        await Asyncio.Yield();

        queue.PutNoWait(1);
        queue.PutNoWait(2);
        reader.Cancel();
        await Expect.ThrowsAsync<CanceledException>(reader);

        Assert.Equal(1, await queue.GetAsync());
    });

    [Fact]
    [CPythonTest("test_queues.py", "QueuePutTests", "test_get_cancel_drop_many_pending_readers")]
    public void A_getter_that_is_cancelled_when_it_was_woken_wakes_the_next() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>();
        AsyncioTask<int>? second = null, third = null;

        await TaskGroup.RunAsync(async group =>
        {
            var first = group.CreateTask(queue.GetAsync());
            second = group.CreateTask(queue.GetAsync());
            third = group.CreateTask(queue.GetAsync());
            await Asyncio.Yield();

            queue.PutNoWait(1);
            queue.PutNoWait(2);
            first.Cancel();
            await Expect.ThrowsAsync<CanceledException>(first);
            await third;
        });

        Assert.Equal([1, 2], new[] { second!.Result, third!.Result }.Order());
    });

    [Fact]
    [CPythonTest("test_queues.py", "QueueGetTests", "test_why_are_getters_waiting")]
    public void A_producer_and_a_consumer_do_not_block_each_other() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>(1);
        var got = new List<int>();

        await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Produce());
            group.StartSoon(Consume());
        });

        Assert.Equal([0, 1, 2, 3, 4], got);

        async Coroutine Produce()
        {
            for (var i = 0; i < 5; i++)
                await queue.PutAsync(i);
        }

        async Coroutine Consume()
        {
            for (var i = 0; i < 5; i++)
                got.Add(await queue.GetAsync());
        }
    });

    [Fact]
    [CPythonTest("test_queues.py", "QueueGetTests", "test_cancelled_getters_not_being_held_in_self_getters")]
    public void A_getter_that_has_given_up_takes_nothing_later() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>(5);
        await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(queue.GetAsync(), 0.1));

        queue.PutNoWait(1);
        await Expect.Turns(3);

        Assert.Equal(1, queue.Count);
    });

    [Fact]
    public void A_get_that_never_runs_takes_nothing() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>();
        queue.PutNoWait(1);

        var task = Asyncio.CreateTask(queue.GetAsync());
        task.Cancel();
        await Expect.ThrowsAsync<CanceledException>(task);
        await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(queue.GetAsync(), 0));
        _ = queue.GetAsync();

        Assert.Equal(1, queue.Count);
    });

    [Fact]
    public void Getters_are_served_in_the_order_in_which_they_came() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>();
        var getters = Enumerable.Range(0, 5).Select(_ => Asyncio.CreateTask(queue.GetAsync())).ToArray();
        await Asyncio.Yield();

        for (var i = 0; i < 5; i++)
            queue.PutNoWait(i);

        Assert.Equal(Enumerable.Range(0, 5), await Asyncio.Gather(getters));
    });

    [Fact]
    public void A_loop_over_it_ends_when_it_is_shut_down_and_empty() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>();
        var got = new List<int>();
        var consumer = Asyncio.CreateTask(Consume());

        queue.PutNoWait(1);
        await Asyncio.Sleep(1);
        queue.PutNoWait(2);
        queue.PutNoWait(3);
        queue.Shutdown();

        await consumer;
        Assert.Equal([1, 2, 3], got);

        async Coroutine Consume()
        {
            await foreach (var item in queue)
            {
                got.Add(item);
                queue.TaskDone();
            }
        }
    });

    [Fact]
    public void An_item_that_one_consumer_fails_to_take_out_is_the_next_ones() => LoopTest.Run(async () =>
    {
        var queue = new FailsOnce();
        var failing = Asyncio.CreateTask(queue.GetAsync());
        var next = Asyncio.CreateTask(queue.GetAsync());
        await Asyncio.Yield();

        queue.PutNoWait(1);

        await Expect.ThrowsAsync<FormatException>(Asyncio.WaitFor(failing, 1));
        var got = await Asyncio.WaitFor(next, 1);
        Assert.Equal(1, got);
    });

    private sealed class FailsOnce : AsyncQueue<int>
    {
        private bool _hasFailed;

        protected override int RemoveItem()
        {
            if (_hasFailed)
                return base.RemoveItem();
            _hasFailed = true;
            throw new FormatException();
        }
    }
}
