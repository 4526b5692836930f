namespace AsyncioSharp.Tests;

public sealed class AsyncQueueUseTests
{
    [Fact]
    public void Waiting_on_a_second_loop_is_an_error_that_says_so()
    {
        var queue = new AsyncQueue<int>(1);
        LoopTest.Run(async () => await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(queue.GetAsync(), 1)));
        LoopTest.Run(async () =>
        {
            var misuse = await Expect.ThrowsAsync<InvalidOperationException>(queue.GetAsync());
            Assert.Contains("another event loop", misuse.Message);
        });

        var full = new AsyncQueue<int>(1);
        full.PutNoWait(1);
        LoopTest.Run(async () => await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(full.PutAsync(2), 1)));
        LoopTest.Run(async () =>
        {
            var misuse = await Expect.ThrowsAsync<InvalidOperationException>(full.PutAsync(2));
            Assert.Contains("another event loop", misuse.Message);
            Assert.Equal(1, full.Count);
        });
    }

    [Fact]
    public void Can_be_made_and_filled_before_a_loop_runs()
    {
        var queue = new AsyncQueue<int>();
        queue.PutNoWait(1);
        Assert.True(queue.TryPut(2));

        Assert.Equal(3, LoopTest.Run(async () => await queue.GetAsync() + await queue.GetAsync()));
    }

    [Fact]
    public void A_put_can_be_made_on_one_thread_and_awaited_on_the_loops()
    {
        var queue = new AsyncQueue<int>();
        var put = queue.PutAsync(1);
        Assert.True(queue.IsEmpty);

        LoopTest.Run(async () =>
        {
            await put;
            Assert.Equal(1, await queue.GetAsync());
        });
    }

    [Fact]
    public void A_put_that_never_runs_puts_nothing() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>();
        _ = queue.PutAsync(1);
        var task = Asyncio.CreateTask(queue.PutAsync(2));
        task.Cancel();
        await Expect.ThrowsAsync<CanceledException>(task);

        Assert.True(queue.IsEmpty);
    });

    [Fact]
    public void A_put_puts_once()
    {
        var queue = new AsyncQueue<int>();
        LoopTest.Run(async () =>
        {
            var put = queue.PutAsync(1);
            await put;
            await Expect.ThrowsAsync<InvalidOperationException>(async () => await put);
        });
        Assert.Equal(1, queue.Count);
    }

    [Fact]
    public void Several_loops_over_one_queue_share_its_items() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>();
        var got = new List<int>();
        var workers = Enumerable.Range(0, 3).Select(_ => Asyncio.CreateTask(WorkAsync())).ToArray();
        for (var item = 0; item < 9; item++)
        {
            await queue.PutAsync(item);
            if (item % 2 == 0)
                await Asyncio.Yield();
        }
        queue.Shutdown();
        await Asyncio.Gather(workers);

        Assert.Equal(Enumerable.Range(0, 9), got.Order());

        async Coroutine WorkAsync()
        {
            await foreach (var item in queue)
            {
                got.Add(item);
                await Asyncio.Yield();
            }
        }
    });

    [Fact]
    public void A_loop_over_a_queue_that_is_cancelled_takes_nothing_with_it() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>();
        var worker = Asyncio.CreateTask(WorkAsync());
        await Asyncio.Yield();

        queue.PutNoWait(1);
        worker.Cancel();
        await Asyncio.Wait([worker]);

        Assert.True(worker.IsCanceled);
        Assert.Equal(1, queue.GetNoWait());

        async Coroutine WorkAsync()
        {
            await foreach (var item in queue)
                Assert.Fail($"It got {item}.");
        }
    });

    [Fact]
    public void Can_be_used_from_async_Task_methods() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>(1);
        var producer = ProduceAsync();
        var got = new List<int>();
        await foreach (var item in queue)
            got.Add(item);
        await producer;

        Assert.Equal([1, 2, 3], got);

        async Task ProduceAsync()
        {
            for (var item = 1; item <= 3; item++)
                await queue.PutAsync(item);
            queue.Shutdown();
        }
    });

    [Fact]
    public void Shows_its_state() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<string>(1);
        Assert.Equal("AsyncQueue [items:0 of 1]", queue.ToString());
        queue.PutNoWait("a");
        var putter = Asyncio.CreateTask(queue.PutAsync("b"));
        await Asyncio.Yield();
        Assert.Equal("AsyncQueue [items:1 of 1, putters:1, unfinished:1]", queue.ToString());

        queue.Shutdown(immediate: true);
        await Expect.ThrowsAsync<QueueShutDownException>(putter);
        Assert.Equal("AsyncQueue [items:0 of 1, shut down]", queue.ToString());
        Assert.Equal("AsyncPriorityQueue [items:0]", new AsyncPriorityQueue<int>().ToString());
    });
}
