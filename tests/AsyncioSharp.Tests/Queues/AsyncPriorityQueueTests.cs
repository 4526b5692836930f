namespace AsyncioSharp.Tests;

public sealed class AsyncPriorityQueueTests
{
    [Fact]
    [CPythonTest("test_queues.py", "PriorityQueueTests", "test_order")]
    public void Gives_the_smallest_item_first() => LoopTest.Run(async () =>
    {
        var queue = new AsyncPriorityQueue<int>();
        foreach (var item in new[] { 1, 3, 2 })
            await queue.PutAsync(item);

        var got = new List<int>();
        while (!queue.IsEmpty)
            got.Add(await queue.GetAsync());
        Assert.Equal([1, 2, 3], got);
    });

    [Fact]
    public void Elements_of_the_same_priority_come_out_as_they_came() => LoopTest.Run(async () =>
    {
        var queue = new AsyncPriorityQueue<int, string>();
        for (var n = 0; n < 100; n++)
            await queue.PutAsync(n, n % 3 == 0 ? "a" : "b");

        var got = new List<(int Element, string Priority)>();
        while (queue.TryGet(out var item))
            got.Add(item);

        Assert.Equal(got.OrderBy(item => item.Priority, StringComparer.Ordinal).ThenBy(item => item.Element), got);
        Assert.Equal(100, got.Count);
    });

    [Fact]
    public void Equal_items_come_out_as_they_came()
    {
        var queue = new AsyncPriorityQueue<string>(comparer: StringComparer.OrdinalIgnoreCase);
        foreach (var item in new[] { "b", "A", "B", "a", "c" })
            queue.PutNoWait(item);

        Assert.Equal(["A", "a", "b", "B", "c"], Enumerable.Range(0, 5).Select(_ => queue.GetNoWait()));
    }

    [Fact]
    public void A_comparer_can_turn_the_order_round()
    {
        var queue = new AsyncPriorityQueue<string, int>(comparer: Comparer<int>.Create((x, y) => y.CompareTo(x)));
        queue.PutNoWait("low", 1);
        queue.PutNoWait("high", 9);

        Assert.True(queue.TryGet(out var item));
        Assert.Equal(("high", 9), item);
    }

    [Fact]
    public void With_a_bound_those_who_put_wait_for_room() => LoopTest.Run(async () =>
    {
        var queue = new AsyncPriorityQueue<string, int>(1);
        Assert.True(queue.TryPut("later", 2));
        Assert.False(queue.TryPut("now", 1));
        Assert.Throws<QueueFullException>(() => queue.PutNoWait("now", 1));
        var putter = Asyncio.CreateTask(queue.PutAsync("now", 1));
        await Asyncio.Yield();

        // The room was taken when it was put, not by priority.
        Assert.Equal("later", (await queue.GetAsync()).Element);
        Assert.Equal("now", (await queue.GetAsync()).Element);
        await putter;
    });

    [Fact]
    public void Whoever_waits_longest_gets_the_most_urgent_item() => LoopTest.Run(async () =>
    {
        var queue = new AsyncPriorityQueue<int>();
        var getters = Enumerable.Range(0, 3).Select(_ => Asyncio.CreateTask(queue.GetAsync())).ToArray();
        await Asyncio.Yield();

        foreach (var item in new[] { 9, 7, 8 })
            queue.PutNoWait(item);

        var got = await Asyncio.Gather(getters);
        Assert.Equal([7, 8, 9], got);
    });

    [Fact]
    public void What_is_dropped_by_a_shutdown_counts_as_done() => LoopTest.Run(async () =>
    {
        var queue = new AsyncPriorityQueue<int>();
        queue.PutNoWait(2);
        queue.PutNoWait(1);
        var joiner = Asyncio.CreateTask(queue.JoinAsync());
        await Asyncio.Yield();

        queue.Shutdown(immediate: true);

        await joiner;
        await Expect.ThrowsAsync<QueueShutDownException>(queue.PutAsync(3));
    });
}
