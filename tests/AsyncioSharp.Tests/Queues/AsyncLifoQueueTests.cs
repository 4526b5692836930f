namespace AsyncioSharp.Tests;

public sealed class AsyncLifoQueueTests
{
    [Fact]
    [CPythonTest("test_queues.py", "LifoQueueTests", "test_order")]
    public void Gives_the_newest_item_first() => LoopTest.Run(async () =>
    {
        var queue = new AsyncLifoQueue<int>();
        foreach (var item in new[] { 1, 3, 2 })
            await queue.PutAsync(item);

        var got = new List<int>();
        while (!queue.IsEmpty)
            got.Add(await queue.GetAsync());
        Assert.Equal([2, 3, 1], got);
    });

    [Fact]
    public void Whoever_waits_gets_items_in_the_order_of_waiting() => LoopTest.Run(async () =>
    {
        var queue = new AsyncLifoQueue<int>(2);
        var first = Asyncio.CreateTask(queue.GetAsync());
        var second = Asyncio.CreateTask(queue.GetAsync());
        await Asyncio.Yield();

        queue.PutNoWait(1);
        queue.PutNoWait(2);
        Assert.True(queue.IsFull);

        // Both were woken; who runs first finds the newest item.
        Assert.Equal((2, 1), (await first, await second));
    });

    [Fact]
    public void Can_be_shut_down() => LoopTest.Run(async () =>
    {
        var queue = new AsyncLifoQueue<int>();
        for (var item = 1; item <= 3; item++)
            queue.PutNoWait(item);
        queue.Shutdown();

        var got = new List<int>();
        await foreach (var item in queue)
            got.Add(item);

        Assert.Equal([3, 2, 1], got);
        await Expect.ThrowsAsync<QueueShutDownException>(queue.GetAsync());
    });
}
