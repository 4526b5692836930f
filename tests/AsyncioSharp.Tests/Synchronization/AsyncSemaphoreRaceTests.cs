namespace AsyncioSharp.Tests;

/// <summary>Many tasks, some cancelled at any moment: never too many inside, and in the end all places are back.</summary>
public sealed class AsyncSemaphoreRaceTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void No_place_is_lost_or_given_twice(int part)
    {
        for (var seed = part * 100; seed < (part + 1) * 100; seed++)
            Run(new Random(seed), $"seed {seed}");
    }

    private static void Run(Random random, string where) => LoopTest.Run(async () =>
    {
        var places = random.Next(1, 4);
        var semaphore = new AsyncSemaphore(places);
        var (inside, served) = (0, 0);
        var tasks = new List<AsyncioTask>();
        for (var i = 0; i < 20; i++)
        {
            tasks.Add(Asyncio.CreateTask(Visit(random.Next(3), random.Next(1, 4))));
            if (random.Next(3) == 0)
                tasks[random.Next(tasks.Count)].Cancel();
            if (random.Next(3) == 0)
                await Asyncio.Yield();
        }
        for (var i = 0; i < 10; i++)
        {
            await Asyncio.Yield();
            tasks[random.Next(tasks.Count)].Cancel();
        }
        await Asyncio.WaitFor(Asyncio.GatherOutcomes(tasks), 1000);

        Assert.True(inside == 0, where);
        for (var i = 0; i < places; i++)
            Assert.True(semaphore.TryAcquire(), where);
        Assert.False(semaphore.TryAcquire(), where);
        Assert.True(served >= tasks.Count(task => task.IsCompletedSuccessfully), where);

        async Coroutine Visit(int turnsBefore, int turnsInside)
        {
            await Expect.Turns(turnsBefore);
            using (await semaphore.AcquireAsync())
            {
                served++;
                Assert.True(++inside <= places, where);
                try
                {
                    await Expect.Turns(turnsInside);
                }
                finally
                {
                    inside--;
                }
            }
        }
    });
}
