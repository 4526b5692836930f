namespace AsyncioSharp.Tests;

public sealed partial class AsyncQueueTests
{
    [Fact]
    [CPythonTest("test_queues.py", "QueueBasicTests", "test_empty")]
    public void Knows_whether_it_is_empty() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>();
        Assert.True(queue.IsEmpty);

        await queue.PutAsync(1);
        Assert.False(queue.IsEmpty);
        Assert.Equal(1, queue.Count);

        Assert.Equal(1, await queue.GetAsync());
        Assert.True(queue.IsEmpty);
    });

    [Fact]
    [CPythonTest("test_queues.py", "QueueBasicTests", "test_full")]
    public void Knows_whether_it_is_full() => LoopTest.Run(async () =>
    {
        Assert.False(new AsyncQueue<int>().IsFull);

        var queue = new AsyncQueue<int>(1);
        await queue.PutAsync(1);

        Assert.True(queue.IsFull);
        Assert.Equal(1, queue.MaxSize);
    });

    [Fact]
    [CPythonTest("test_queues.py", "QueueBasicTests", "test_order")]
    public void Gives_items_in_the_order_in_which_they_were_put() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>();
        foreach (var item in new[] { 1, 3, 2 })
            await queue.PutAsync(item);

        Assert.Equal(1, await queue.GetAsync());
        Assert.Equal(3, await queue.GetAsync());
        Assert.Equal(2, await queue.GetAsync());
    });

    [Fact]
    [CPythonTest("test_queues.py", "QueueBasicTests", "test_maxsize")]
    public void Lets_those_who_put_wait_while_it_is_full() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>(2);
        var put = new List<int>();
        var putter = Asyncio.CreateTask(PutThree());
        await Expect.Turns(2);

        Assert.Equal([0, 1], put);
        Assert.Equal(0, await queue.GetAsync());

        await Asyncio.Yield();
        Assert.Equal([0, 1, 2], put);
        Assert.Equal(1, await queue.GetAsync());
        Assert.Equal(2, await queue.GetAsync());
        Assert.True(putter.IsCompletedSuccessfully);

        async Coroutine PutThree()
        {
            for (var i = 0; i < 3; i++)
            {
                await queue.PutAsync(i);
                put.Add(i);
            }
        }
    });

    [Fact]
    [CPythonTest("test_queues.py", "QueueGetTests", "test_nonblocking_get")]
    [CPythonTest("test_queues.py", "QueuePutTests", "test_nonblocking_put")]
    [CPythonTest("test_queues.py", "QueueGetTests", "test_nonblocking_get_exception")]
    public void Gets_at_once_or_fails()
    {
        var queue = new AsyncQueue<int>();
        queue.PutNoWait(1);

        Assert.Equal(1, queue.GetNoWait());
        Assert.Throws<QueueEmptyException>(() => queue.GetNoWait());
        Assert.False(queue.TryGet(out _));
    }

    [Fact]
    [CPythonTest("test_queues.py", "QueuePutTests", "test_nonblocking_put_exception")]
    public void Puts_at_once_or_fails()
    {
        var queue = new AsyncQueue<int>(1);
        queue.PutNoWait(1);

        Assert.Throws<QueueFullException>(() => queue.PutNoWait(2));
        Assert.False(queue.TryPut(2));
        Assert.True(queue.TryGet(out var item));
        Assert.Equal(1, item);
        Assert.True(queue.TryPut(3));
    }

    [Fact]
    [CPythonTest("test_queues.py", "_QueueJoinTestMixin", "test_task_done_underflow")]
    public void Cannot_have_more_done_than_was_put()
    {
        var queue = new AsyncQueue<int>();

        Assert.Throws<InvalidOperationException>(queue.TaskDone);
    }

    [Fact]
    [CPythonTest("test_queues.py", "_QueueJoinTestMixin", "test_task_done")]
    public void Join_waits_until_everything_is_dealt_with() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>();
        for (var i = 0; i < 100; i++)
            queue.PutNoWait(i);
        var (sum, running) = (0, true);

        await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Work());
            group.StartSoon(Work());

            await queue.JoinAsync();
            Assert.Equal(Enumerable.Range(0, 100).Sum(), sum);

            running = false;
            queue.PutNoWait(0);
            queue.PutNoWait(0);
        });

        async Coroutine Work()
        {
            while (running)
            {
                sum += await queue.GetAsync();
                await Asyncio.Sleep(0.01);
                queue.TaskDone();
            }
        }
    });

    [Fact]
    [CPythonTest("test_queues.py", "_QueueJoinTestMixin", "test_join_empty_queue")]
    public void Join_of_an_empty_queue_does_not_wait() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>();

        await queue.JoinAsync();
        await queue.JoinAsync();
    });

    [Fact]
    public void Join_ends_although_more_was_put_since() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>();
        queue.PutNoWait(1);
        var join = Asyncio.CreateTask(queue.JoinAsync());
        await Asyncio.Yield();

        queue.GetNoWait();
        queue.TaskDone();
        queue.PutNoWait(2);
        await Asyncio.Yield();

        Assert.True(join.IsCompletedSuccessfully);
    });

    [Fact]
    public void Uncontended_it_does_not_suspend() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>(1);
        var turned = false;
        Asyncio.CurrentTask!.Loop.CallSoon(() => turned = true);

        for (var i = 0; i < 10; i++)
        {
            await queue.PutAsync(i);
            Assert.Equal(i, await queue.GetAsync());
        }

        Assert.False(turned);
    });

    [Fact]
    public void Waiting_on_a_second_loop_is_an_error_that_says_so()
    {
        var queue = new AsyncQueue<int>();
        LoopTest.Run(async () => await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(queue.GetAsync(), 1)));

        LoopTest.Run(async () =>
        {
            var misuse = await Expect.ThrowsAsync<InvalidOperationException>(queue.GetAsync());
            Assert.Contains("another event loop", misuse.Message);
        });
    }

    [Fact]
    public void Those_who_put_and_those_who_get_are_on_one_loop()
    {
        var queue = new AsyncQueue<int>(1);
        LoopTest.Run(async () => await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(queue.GetAsync(), 1)));

        LoopTest.Run(async () =>
        {
            queue.PutNoWait(1);
            var misuse = await Expect.ThrowsAsync<InvalidOperationException>(queue.PutAsync(2));
            Assert.Contains("another event loop", misuse.Message);
        });
    }
}
