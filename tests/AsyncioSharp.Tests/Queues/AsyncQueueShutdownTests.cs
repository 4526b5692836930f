namespace AsyncioSharp.Tests;

public sealed class AsyncQueueShutdownTests
{
    [Fact]
    [CPythonTest("test_queues.py", "_QueueShutdownTestMixin", "test_shutdown_empty")]
    public void An_empty_one_tells_those_who_wait() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<string>();
        var getter = Asyncio.CreateTask(queue.GetAsync());
        await Asyncio.Yield();

        queue.Shutdown();

        Assert.Equal(0, queue.Count);
        await queue.JoinAsync();
        await Asyncio.Yield();
        Assert.True(getter.IsFaulted);
        await Expect.ThrowsAsync<QueueShutDownException>(getter);
        await ExpectShutDown(queue);
    });

    [Fact]
    [CPythonTest("test_queues.py", "_QueueShutdownTestMixin", "test_shutdown_nonempty")]
    public void What_is_left_can_still_be_got() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<string>(1);
        queue.PutNoWait("data");
        var join = Asyncio.CreateTask(queue.JoinAsync());
        var putter = Asyncio.CreateTask(queue.PutAsync("data2"));
        await Asyncio.Yield();
        Assert.False(putter.IsCompleted);

        queue.Shutdown();

        Assert.Equal(1, queue.Count);
        await Asyncio.Yield();
        Assert.True(putter.IsCompleted);
        await Expect.ThrowsAsync<QueueShutDownException>(putter);
        Assert.Equal("data", await queue.GetAsync());
        await Asyncio.Yield();
        Assert.False(join.IsCompleted);
        await ExpectShutDown(queue);

        queue.TaskDone();
        await Asyncio.Yield();
        Assert.True(join.IsCompletedSuccessfully);
        Assert.Throws<InvalidOperationException>(queue.TaskDone);
    });

    [Fact]
    [CPythonTest("test_queues.py", "_QueueShutdownTestMixin", "test_shutdown_immediate")]
    public void At_once_what_is_left_is_dropped_and_counts_as_done() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<string>();
        queue.PutNoWait("data");
        var join = Asyncio.CreateTask(queue.JoinAsync());

        queue.Shutdown(immediate: true);

        Assert.Equal(0, queue.Count);
        await Asyncio.Yield();
        Assert.True(join.IsCompletedSuccessfully);
        await ExpectShutDown(queue);
        Assert.Throws<InvalidOperationException>(queue.TaskDone);
    });

    [Fact]
    [CPythonTest("test_queues.py", "_QueueShutdownTestMixin", "test_shutdown_immediate_with_unfinished")]
    public void At_once_what_was_got_before_is_still_to_be_done() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<string>();
        queue.PutNoWait("data");
        queue.PutNoWait("data");
        var join = Asyncio.CreateTask(queue.JoinAsync());
        Assert.Equal("data", await queue.GetAsync());

        queue.Shutdown(immediate: true);

        Assert.Equal(0, queue.Count);
        await Asyncio.Yield();
        Assert.False(join.IsCompleted);
        await ExpectShutDown(queue);

        queue.TaskDone();
        Assert.Throws<InvalidOperationException>(queue.TaskDone);
        await Asyncio.Yield();
        Assert.True(join.IsCompletedSuccessfully);
    });

    [Fact]
    public void Can_be_repeated_and_made_immediate() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>();
        queue.PutNoWait(1);

        queue.Shutdown();
        queue.Shutdown();
        Assert.Equal(1, queue.Count);
        queue.Shutdown(immediate: true);

        Assert.True(queue.IsEmpty);
        Assert.True(queue.IsShutDown);
        Assert.False(queue.TryPut(2));
        await queue.JoinAsync();
    });

    [Fact]
    public void Everybody_who_waits_is_told() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>(1);
        var getters = Enumerable.Range(0, 3).Select(_ => Asyncio.CreateTask(queue.GetAsync())).ToArray();
        await Asyncio.Yield();

        queue.Shutdown();

        foreach (var getter in getters)
            await Expect.ThrowsAsync<QueueShutDownException>(getter);
    });

    private static async Coroutine ExpectShutDown(AsyncQueue<string> queue)
    {
        await Expect.ThrowsAsync<QueueShutDownException>(queue.PutAsync("data"));
        Assert.Throws<QueueShutDownException>(() => queue.PutNoWait("data"));
        await Expect.ThrowsAsync<QueueShutDownException>(queue.GetAsync());
        Assert.Throws<QueueShutDownException>(() => queue.GetNoWait());
    }
}
