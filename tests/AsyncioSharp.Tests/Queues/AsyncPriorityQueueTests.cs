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

    [Fact]
    public void Keeps_the_order_while_items_come_and_go()
    {
        var random = new Random(42);
        var queue = new AsyncPriorityQueue<int, int>();
        var expected = new List<(int Element, int Priority)>();
        for (var n = 0; n < 5_000; n++)
        {
            if (random.Next(100) < 55)
            {
                var item = (n, random.Next(50));
                queue.PutNoWait(item);
                expected.Insert(expected.FindLastIndex(each => each.Priority <= item.Item2) + 1, item);
            }
            else if (queue.TryGet(out var got))
            {
                Assert.Equal(expected[0], got);
                expected.RemoveAt(0);
            }
            Assert.Equal(expected.Count, queue.Count);
        }
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    [InlineData(false, 2)]
    public void A_comparer_that_throws_leaves_the_queue_as_it_was(bool puts, int comparisons)
    {
        var comparer = new ThrowingComparer();
        var queue = new AsyncPriorityQueue<int>(comparer: comparer);
        foreach (var item in new[] { 7, 5, 6, 4, 3 })
            queue.PutNoWait(item);

        comparer.ThrowsAfter = comparisons;
        Assert.Throws<FormatException>(() =>
        {
            if (puts)
                queue.PutNoWait(1);
            else
                queue.GetNoWait();
        });

        comparer.ThrowsAfter = int.MaxValue;
        Assert.Equal(5, queue.Count);
        Assert.Equal([3, 4, 5, 6, 7], Enumerable.Range(0, 5).Select(_ => queue.GetNoWait()));
    }

    [Fact]
    public void Items_that_cannot_be_compared_are_refused_and_do_no_harm()
    {
        var queue = new AsyncPriorityQueue<(int, object)>();
        queue.PutNoWait((1, "first"));

        Assert.Throws<ArgumentException>(() => queue.PutNoWait((1, new object())));

        queue.PutNoWait((2, "second"));
        Assert.Equal([(1, "first"), (2, "second")], [queue.GetNoWait(), queue.GetNoWait()]);
        Assert.True(queue.IsEmpty);
    }

    [Fact]
    public void A_producer_whose_item_is_refused_leaves_its_room_to_the_next() => LoopTest.Run(async () =>
    {
        var comparer = new ThrowingComparer { Refused = 13 };
        var queue = new AsyncPriorityQueue<int>(2, comparer);
        await queue.PutAsync(1);
        await queue.PutAsync(2);
        var refused = Asyncio.CreateTask(queue.PutAsync(13));
        var next = Asyncio.CreateTask(queue.PutAsync(3));
        await Asyncio.Yield();

        Assert.Equal(1, queue.GetNoWait());

        await Asyncio.WaitFor(next, 1);
        await Expect.ThrowsAsync<FormatException>(Asyncio.WaitFor(refused, 1));
        Assert.Equal([2, 3], [queue.GetNoWait(), queue.GetNoWait()]);
    });

    private sealed class ThrowingComparer : IComparer<int>
    {
        public int ThrowsAfter { get; set; } = int.MaxValue;

        public int? Refused { get; init; }

        public int Compare(int x, int y) =>
            ThrowsAfter-- == 1 || x == Refused || y == Refused ? throw new FormatException() : x.CompareTo(y);
    }
}
