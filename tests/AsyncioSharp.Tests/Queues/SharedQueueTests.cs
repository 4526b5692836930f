using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Queues;

/// <summary>A queue that loops and threads share.</summary>
public sealed class SharedQueueTests : IDisposable
{
    private readonly EventLoopThread _one = new();
    private readonly EventLoopThread _other = new();

    public void Dispose()
    {
        _one.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task Passes_items_from_loop_to_loop_in_order()
    {
        var queue = new SharedQueue<int>(3);
        var consumer = _one.RunAsync(async () =>
        {
            var got = new List<int>();
            await foreach (var item in queue)
                got.Add(item);
            return got;
        });

        await _other.RunAsync(async () =>
        {
            for (var i = 0; i < 1000; i++)
                await queue.PutAsync(i);
            queue.Shutdown();
        });

        Assert.Equal(Enumerable.Range(0, 1000), await consumer);
        Assert.Equal("SharedQueue [items:0 of 3, shut down]", queue.ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_those_who_look_as_a_channel_whoever_goes_on_first_has_it(bool reads)
    {
        for (var round = 0; round < 100; round++)
        {
            var queue = new SharedQueue<int>(1);
            var (reader, writer) = (queue.AsChannelReader(), queue.AsChannelWriter());
            if (!reads)
                Assert.True(queue.TryPut(0));
            var first = reads ? reader.WaitToReadAsync().AsTask() : writer.WaitToWriteAsync().AsTask();
            var second = reads ? reader.WaitToReadAsync().AsTask() : writer.WaitToWriteAsync().AsTask();
            var took = first.ContinueWith(
                _ => reads ? reader.TryRead(out int _) : writer.TryWrite(1),
                TestContext.Current.CancellationToken, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

            Assert.True(reads ? queue.TryPut(0) : queue.TryGet(out _));

            Assert.True(await took);
            Assert.True(await second); // it promises nothing
            Assert.Equal(reads ? 0 : 1, queue.Count);
        }
    }

    [Fact]
    public async Task Who_waits_for_an_item_has_it_before_those_who_look()
    {
        var queue = new SharedQueue<int>();
        var reader = queue.AsChannelReader();
        var look = reader.WaitToReadAsync().AsTask();
        var read = reader.ReadAsync().AsTask();
        Assert.Equal("SharedQueue [items:0, getters:2]", queue.ToString());

        queue.TryPut(1);
        Assert.Equal(1, await read);
        Assert.False(look.IsCompleted);
        queue.TryPut(2);
        Assert.True(await look);
        Assert.True(reader.TryRead(out var item));
        Assert.Equal(2, item);

        using var source = new CancellationTokenSource();
        var cancelled = reader.WaitToReadAsync(source.Token).AsTask();
        look = reader.WaitToReadAsync(TestContext.Current.CancellationToken).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        queue.Shutdown();
        Assert.False(await look);
    }

    [Fact]
    public async Task A_failure_that_all_were_told_of_is_not_unobserved()
    {
        var unobserved = 0;
        EventHandler<UnobservedTaskExceptionEventArgs> note = (_, e) =>
        {
            if (e.Exception.InnerException is FormatException)
                Interlocked.Increment(ref unobserved);
        };
        TaskScheduler.UnobservedTaskException += note;
        try
        {
            await FailAsync();
            for (var i = 0; i < 3; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= note;
        }
        Assert.Equal(0, unobserved);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static async Task FailAsync()
        {
            var queue = new SharedQueue<int>();
            queue.AsChannelWriter().Complete(new FormatException());
            var closed = await Assert.ThrowsAsync<ChannelClosedException>(async () => await queue.AsChannelReader().ReadAsync());
            Assert.IsType<FormatException>(closed.InnerException);
        }
    }

    [Fact]
    public async Task A_task_waits_for_a_thread_and_a_thread_for_a_task()
    {
        var (questions, answers) = (new SharedQueue<int>(1), new SharedQueue<int>(1));
        var loop = _one.RunAsync(async () =>
        {
            await foreach (var question in questions)
                await answers.PutAsync(question * 2);
            answers.Shutdown();
        });

        Assert.Equal([0, 2, 4, 6, 8], await Task.Factory.StartNew(AskAll, TaskCreationOptions.LongRunning));
        await loop;

        List<int> AskAll()
        {
            var got = new List<int>();
            for (var i = 0; i < 5; i++)
            {
                questions.Put(i);
                got.Add(answers.Get());
            }
            questions.Shutdown();
            Assert.Throws<QueueShutDownException>(() => answers.Get());
            Assert.Throws<QueueShutDownException>(() => questions.Put(9));
            return got;
        }
    }

    [Fact]
    public async Task Async_code_sees_a_channel()
    {
        var queue = new SharedQueue<int>(2);
        var (reader, writer) = (queue.AsChannelReader(), queue.AsChannelWriter());
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
                await writer.WriteAsync(i);
            Assert.True(writer.TryComplete());
            Assert.False(writer.TryComplete());
        });

        Assert.Equal(Enumerable.Range(0, 100), await reader.ReadAllAsync().ToListAsync());

        await writing;
        await reader.Completion;
        Assert.False(await reader.WaitToReadAsync());
        Assert.False(await writer.WaitToWriteAsync());
        await Assert.ThrowsAsync<ChannelClosedException>(async () => await reader.ReadAsync());
        await Assert.ThrowsAsync<ChannelClosedException>(async () => await writer.WriteAsync(1));
    }

    [Fact]
    public async Task A_failure_reaches_the_readers()
    {
        var queue = new SharedQueue<int>();
        queue.AsChannelWriter().Complete(new FormatException());

        await Assert.ThrowsAsync<FormatException>(() => queue.AsChannelReader().Completion);
        await Assert.ThrowsAsync<FormatException>(async () => await queue.AsChannelReader().WaitToReadAsync());
        var failure = await Assert.ThrowsAsync<QueueShutDownException>(() => _one.RunAsync(async () =>
        {
            await foreach (var _ in queue)
            {
            }
        }));
        Assert.IsType<FormatException>(failure.InnerException);
    }

    [Fact]
    public async Task A_failure_reaches_those_who_wait_to_write_as_it_does_with_dotnets_channels()
    {
        var queue = new SharedQueue<int>(1);
        foreach (var writer in new[] { queue.AsChannelWriter(), Channel.CreateBounded<int>(1).Writer })
        {
            Assert.True(writer.TryWrite(1));
            var waiting = writer.WaitToWriteAsync().AsTask();
            writer.Complete(new FormatException());

            await Assert.ThrowsAsync<FormatException>(() => waiting);
            await Assert.ThrowsAsync<FormatException>(async () => await writer.WaitToWriteAsync());
        }
    }

    [Fact]
    public void Who_has_waited_longest_is_next_and_nobody_overtakes()
    {
        LoopTest.Run(async () =>
        {
            var (queue, log) = (new SharedQueue<string>(1), new List<string>());
            var first = Asyncio.CreateTask(GetAsync("first"));
            await Asyncio.Yield();
            var second = Asyncio.CreateTask(GetAsync("second"));
            await Asyncio.Yield();

            Assert.True(queue.TryPut("a"));
            Assert.False(queue.TryGet(out _)); // it is kept for the first
            Assert.False(queue.TryPut("b"));
            await first;
            Assert.True(queue.TryPut("b"));
            await second;

            Assert.Equal(["first a", "second b"], log);

            async Coroutine GetAsync(string name) => log.Add($"{name} {await queue.GetAsync()}");
        });
    }

    [Fact]
    public void A_getter_that_is_cancelled_loses_nothing()
    {
        LoopTest.Run(async () =>
        {
            var queue = new SharedQueue<int>();
            var first = Asyncio.CreateTask(queue.GetAsync());
            var second = Asyncio.CreateTask(queue.GetAsync());
            await Asyncio.Yield();
            queue.TryPut(1);
            first.Cancel(); // the item is kept for it already

            Assert.Equal(1, await second);
            Assert.True(first.IsCanceled);

            var third = Asyncio.CreateTask(queue.GetAsync());
            await Asyncio.Yield();
            third.Cancel(); // and this one stands in line
            await Asyncio.Wait([third]);
            queue.TryPut(2);
            Assert.True(queue.TryGet(out var item));
            Assert.Equal(2, item);
        });
    }

    [Fact]
    public void A_putter_that_is_cancelled_puts_nothing()
    {
        LoopTest.Run(async () =>
        {
            var queue = new SharedQueue<int>(1);
            queue.TryPut(0);
            var first = Asyncio.CreateTask(queue.PutAsync(1));
            var second = Asyncio.CreateTask(queue.PutAsync(2));
            await Asyncio.Yield();
            Assert.True(queue.TryGet(out _));
            first.Cancel(); // room is kept for it already
            await second;

            Assert.Equal(2, await queue.GetAsync());
            Assert.Equal(0, queue.Count);
        });
    }

    [Fact]
    public void Shutting_down_tells_all_who_wait()
    {
        LoopTest.Run(async () =>
        {
            var (full, empty) = (new SharedQueue<int>(1), new SharedQueue<int>());
            full.TryPut(1);
            var putter = Asyncio.CreateTask(full.PutAsync(2));
            var getter = Asyncio.CreateTask(empty.GetAsync());
            await Asyncio.Yield();

            full.Shutdown();
            empty.Shutdown();

            await Assert.ThrowsAsync<QueueShutDownException>(() => putter.AsTask());
            await Assert.ThrowsAsync<QueueShutDownException>(() => getter.AsTask());
            Assert.Equal(1, await full.GetAsync());
            await Assert.ThrowsAsync<QueueShutDownException>(() => Asyncio.CreateTask(full.GetAsync()).AsTask());
            Assert.False(full.TryPut(3));
        });
    }

    [Fact]
    public void Shutting_down_at_once_drops_what_is_left_even_if_it_is_kept_for_somebody()
    {
        LoopTest.Run(async () =>
        {
            var queue = new SharedQueue<int>();
            var getter = Asyncio.CreateTask(queue.GetAsync());
            await Asyncio.Yield();
            queue.TryPut(1);

            queue.Shutdown(immediate: true);

            await Assert.ThrowsAsync<QueueShutDownException>(() => getter.AsTask());
            await queue.AsChannelReader().Completion;
        });
    }

    [Fact]
    public void After_the_end_others_still_get_what_a_cancelled_getter_was_to_have()
    {
        LoopTest.Run(async () =>
        {
            var queue = new SharedQueue<int>();
            var first = Asyncio.CreateTask(queue.GetAsync());
            await Asyncio.Yield();
            queue.TryPut(1);
            queue.Shutdown();
            var second = Asyncio.CreateTask(queue.GetAsync(), eagerStart: true);
            first.Cancel();

            Assert.Equal(1, await second);
        });
    }

    [Fact]
    public void A_loops_thread_is_not_blocked()
    {
        LoopTest.Run(async () =>
        {
            await Asyncio.Yield();
            Assert.Throws<InvalidOperationException>(() => new SharedQueue<int>().Get());
            Assert.Throws<InvalidOperationException>(() => new SharedQueue<int>().Put(1));
        });
    }

    [Fact]
    public async Task Tokens_end_the_waits_of_threads_and_async_code()
    {
        var queue = new SharedQueue<int>(1);
        using var source = new CancellationTokenSource();
        var thread = Task.Factory.StartNew(() => queue.Get(source.Token), TaskCreationOptions.LongRunning);
        var async = queue.AsChannelReader().ReadAsync(source.Token).AsTask();
        Assert.True(SpinWait.SpinUntil(() => queue.ToString().Contains("getters:2"), TimeSpan.FromSeconds(30)));

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => thread);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => async);
        Assert.Equal("SharedQueue [items:0 of 1]", queue.ToString());
    }

    [Fact]
    public async Task A_loop_that_closes_gives_back_what_was_kept_for_its_tasks()
    {
        var queue = new SharedQueue<int>();
        var loop = new VirtualEventLoop { ExceptionHandler = (_, _) => { } };
        _ = loop.CreateTask(queue.GetAsync());
        loop.RunOnce();
        queue.TryPut(1); // kept for a task that will never run again
        Assert.False(queue.TryGet(out _));

        loop.Close();

        Assert.Equal(1, await queue.AsChannelReader().ReadAsync());
    }

    [Fact]
    public void A_loop_that_closes_gives_back_what_was_kept_for_a_task_that_was_woken_and_has_not_gone_on()
    {
        var (items, room) = (new SharedQueue<int>(), new SharedQueue<int>(1));
        room.TryPut(1);
        var loop = new VirtualEventLoop { ExceptionHandler = (_, _) => { } };
        _ = loop.CreateTask(items.GetAsync());
        _ = loop.CreateTask(room.PutAsync(2));
        loop.RunOnce();
        loop.CallSoon(() =>
        {
            items.TryPut(3);
            room.TryGet(out _);
        });
        loop.RunOnce(); // the tasks stand in the ready queue
        Assert.False(items.TryGet(out _));
        Assert.False(room.TryPut(4));

        loop.Close();

        Assert.True(items.TryGet(out var item));
        Assert.Equal(3, item);
        Assert.True(room.TryPut(4));
        Assert.Equal("SharedQueue [items:0]", items.ToString());
        Assert.Equal("SharedQueue [items:1 of 1]", room.ToString());
    }

    [Fact]
    public async Task Thousands_that_wait_on_a_loop_that_closes_leave_the_line()
    {
        var queue = new SharedQueue<int>();
        var loop = new VirtualEventLoop { ExceptionHandler = (_, _) => { } };
        for (var i = 0; i < 20_000; i++)
            _ = loop.CreateTask(queue.GetAsync());
        loop.RunOnce();
        var last = queue.AsChannelReader().ReadAsync();
        queue.TryPut(1); // kept for the first of them

        loop.Close();

        Assert.Equal(1, await last);
        Assert.Equal("SharedQueue [items:0]", queue.ToString());
    }

    [Fact]
    public void Without_waiting_nothing_is_allocated()
    {
        LoopTest.Run(async () =>
        {
            var queue = new SharedQueue<int>(10);
            for (var i = 0; i < 100; i++)
                await PassAsync(queue);

            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1000; i++)
                await PassAsync(queue);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
        });

        static async Coroutine PassAsync(SharedQueue<int> queue)
        {
            await queue.PutAsync(1);
            await queue.GetAsync();
        }
    }

    [Fact]
    public async Task A_task_that_waits_says_so_in_call_graphs()
    {
        var queue = new SharedQueue<int>();

        var waits = await _one.RunAsync(async () =>
        {
            var task = Asyncio.CreateTask(queue.GetAsync(), "getter");
            await Asyncio.Yield();
            var snapshot = TaskGraph.Capture().Tasks.Single(task => task.Name == "getter");
            task.Cancel();
            return snapshot.WaitsFor;
        });

        Assert.Equal("SharedQueue [items:0, getters:1]", waits);
    }
}
