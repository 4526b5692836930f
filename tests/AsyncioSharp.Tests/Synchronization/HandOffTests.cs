namespace AsyncioSharp.Tests;

/// <summary>
/// Four tasks that come one after another, and two cancellations: of any of them, in any turn, before or after what the
/// others do in it. Whatever is cancelled when: nobody is let in too much, nobody is forgotten, nobody overtakes, and in the
/// end everything is free.
/// </summary>
public sealed class HandOffTests
{
    private const int Visitors = 4;
    private const int LastTurn = 7;

    private static readonly (int Victim, int Turn, bool After)[] s_cancellations =
    [
        .. from victim in Enumerable.Range(0, Visitors)
           from turn in Enumerable.Range(0, LastTurn)
           from after in new[] { false, true }
           select (victim, turn, after),
    ];

    [Fact]
    public void Of_a_lock() => CheckAll(() =>
    {
        var mutex = new AsyncLock();
        return new(1, async () => Use(await mutex.AcquireAsync()), () => mutex.ToString() == "AsyncLock [unlocked]", IsFair: true);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Of_a_semaphore(int places) => CheckAll(() =>
    {
        var semaphore = new AsyncSemaphore(places);
        return new(places, async () => Use(await semaphore.AcquireAsync()),
            () => semaphore.ToString() == $"AsyncSemaphore [unlocked, value:{places}]", IsFair: true);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Of_a_limiter(int tokens) => CheckAll(() =>
    {
        var limiter = new CapacityLimiter(tokens);
        return new(tokens, async () => Use(await limiter.AcquireAsync()),
            () => limiter.ToString() == $"CapacityLimiter [borrowed:0/{tokens}]", IsFair: true);
    });

    [Fact]
    public void Of_an_item_in_a_queue() => CheckAll(() =>
    {
        var queue = new AsyncQueue<int>(1);
        queue.PutNoWait(42);
        return new(1, async () =>
        {
            var item = await queue.GetAsync();
            return () => queue.PutNoWait(item);
        }, () => queue.IsFull && !queue.ToString().Contains("getters", StringComparison.Ordinal), IsFair: false);
    });

    [Fact]
    public void Of_room_in_a_queue() => CheckAll(() =>
    {
        var queue = new AsyncQueue<int>(1);
        return new(1, async () =>
        {
            await queue.PutAsync(42);
            return () => Assert.Equal(42, queue.GetNoWait());
        }, () => queue.IsEmpty && !queue.ToString().Contains("putters", StringComparison.Ordinal), IsFair: false);
    });

    [Fact]
    public void Of_a_notification() => CheckAll(() =>
    {
        var (condition, isTaken) = (new AsyncCondition(), false);
        return new(1, async () =>
        {
            using (await condition.AcquireAsync())
            {
                await condition.WaitForAsync(() => !isTaken);
                isTaken = true;
            }
            return () =>
            {
                isTaken = false;
                // The lock may be somebody else's at the moment.
                Asyncio.CreateTask(NotifyAsync());
            };
        }, () => condition.ToString() == "AsyncCondition [unlocked]", IsFair: false);

        async Coroutine NotifyAsync()
        {
            using (await condition.AcquireAsync())
                condition.Notify();
        }
    });

    private static Action Use<TReleaser>(TReleaser releaser)
        where TReleaser : IDisposable => releaser.Dispose;

    private static void CheckAll(Func<Resource> make) => LoopTest.Run(async () =>
    {
        foreach (var first in s_cancellations)
        {
            foreach (var second in s_cancellations)
                await CheckAsync(make(), [first, second]);
        }
    });

    private static async Coroutine CheckAsync(Resource resource, (int Victim, int Turn, bool After)[] plan)
    {
        var (inside, entered) = (0, new List<int>());
        var tasks = new AsyncioTask[Visitors];
        var before = Asyncio.CreateTask(CancelAsync(after: false));
        for (var i = 0; i < Visitors; i++)
            tasks[i] = Asyncio.CreateTask(VisitAsync(i));
        var after = Asyncio.CreateTask(CancelAsync(after: true));

        var ended = await Asyncio.Wait([.. tasks, before, after], TimeSpan.FromSeconds(1));
        await Expect.Turns(3);

        var where = string.Join(", ", plan.Select(item => item.ToString()));
        Assert.True(ended.Pending.Count == 0, $"{where}: somebody waits for ever");
        Assert.True(inside == 0 && resource.IsWhole(), $"{where}: something is lost");
        for (var i = 0; i < Visitors; i++)
            Assert.True(tasks[i].IsCanceled ? plan.Any(item => item.Victim == i) : tasks[i].IsCompletedSuccessfully, $"{where}: {tasks[i]}");
        Assert.True(!resource.IsFair || entered.Order().SequenceEqual(entered), $"{where}: order {string.Join(" ", entered)}");

        async Coroutine VisitAsync(int who)
        {
            await Expect.Turns(who / 2);
            var release = await resource.AcquireAsync();
            try
            {
                entered.Add(who);
                Assert.True(++inside <= resource.Places, "too many are inside");
                await Asyncio.Yield();
            }
            finally
            {
                inside--;
                release();
            }
        }

        async Coroutine CancelAsync(bool after)
        {
            for (var turn = 0; turn < LastTurn; turn++)
            {
                foreach (var item in plan)
                {
                    if (item.Turn == turn && item.After == after)
                        tasks[item.Victim].Cancel();
                }
                await Asyncio.Yield();
            }
        }
    }

    private sealed record Resource(int Places, Func<Coroutine<Action>> AcquireAsync, Func<bool> IsWhole, bool IsFair);
}
