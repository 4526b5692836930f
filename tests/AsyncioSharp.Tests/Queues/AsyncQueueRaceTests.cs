namespace AsyncioSharp.Tests;

/// <summary>Producers and consumers of which some are cancelled at any moment: what was put is got, once.</summary>
public sealed class AsyncQueueRaceTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Nothing_is_lost_or_got_twice(int part)
    {
        for (var seed = part * 100; seed < (part + 1) * 100; seed++)
            Run(new Random(seed), $"seed {seed}");
    }

    private static void Run(Random random, string where) => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>(random.Next(4));
        var (put, got) = (new List<int>(), new List<int>());
        var (producers, consumers) = (new List<AsyncioTask>(), new List<AsyncioTask>());
        for (var i = 0; i < 6; i++)
        {
            producers.Add(Asyncio.CreateTask(Produce(i * 1000, new Random(random.Next()))));
            consumers.Add(Asyncio.CreateTask(random.Next(2) == 0 ? Consume(new Random(random.Next())) : ConsumeByLoop()));
        }
        for (var i = random.Next(40); i > 0; i--)
        {
            if (random.Next(2) == 0)
                await Asyncio.Yield();
            // One consumer is left alive, or the producers would wait for ever.
            var victims = random.Next(2) == 0 ? producers : consumers[1..];
            victims[random.Next(victims.Count)].Cancel();
        }

        await Asyncio.WaitFor(Asyncio.Wait(producers), 1000);
        await Asyncio.WaitFor(queue.JoinAsync(), 1000);
        queue.Shutdown();
        await Asyncio.WaitFor(Asyncio.GatherOutcomes(consumers), 1000);

        Assert.True(put.Order().SequenceEqual(got.Order()), where);
        Assert.True(queue.IsEmpty, where);

        async Coroutine Produce(int first, Random choices)
        {
            for (var item = first; item < first + 10; item++)
            {
                if (choices.Next(4) == 0)
                    await Asyncio.Yield();
                if (choices.Next(3) != 0)
                    await queue.PutAsync(item);
                else if (!queue.TryPut(item))
                    continue;
                // Nothing was awaited since: an item is in the queue if and only if it is in the list.
                put.Add(item);
            }
        }

        async Coroutine Consume(Random choices)
        {
            try
            {
                for (; ; )
                {
                    if (choices.Next(3) == 0 && queue.TryGet(out var item))
                        Take(item);
                    Take(await queue.GetAsync());
                    if (choices.Next(4) == 0)
                        await Asyncio.Yield();
                }
            }
            catch (QueueShutDownException)
            {
            }
        }

        async Coroutine ConsumeByLoop()
        {
            await foreach (var item in queue)
                Take(item);
        }

        void Take(int item)
        {
            got.Add(item);
            queue.TaskDone();
        }
    });
}
