namespace AsyncioSharp.Tests;

/// <summary>Tasks at a barrier, of which two are cancelled, or for whom it is reset, in any turn: it can be used afterwards.</summary>
public sealed class AsyncBarrierRaceTests
{
    private const int Visitors = 5;
    private const int LastTurn = 6;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_is_cancelled_when_the_barrier_goes_on(bool resets) => LoopTest.Run(async () =>
    {
        for (var first = 0; first < Visitors * LastTurn; first++)
        {
            for (var second = 0; second < Visitors * LastTurn; second++)
            {
                await CheckAsync(first, second, resets, cancelFirst: true);
                await CheckAsync(first, second, resets, cancelFirst: false);
            }
        }
    });

    private static async Coroutine CheckAsync(int first, int second, bool resets, bool cancelFirst)
    {
        var where = $"{first} {second} {resets} {cancelFirst}";
        var barrier = new AsyncBarrier(2);
        var tasks = new AsyncioTask[Visitors];
        var chaos = cancelFirst ? Asyncio.CreateTask(DisturbAsync()) : null;
        for (var i = 0; i < Visitors; i++)
            tasks[i] = Asyncio.CreateTask(VisitAsync(i / 2));
        await (chaos ?? Asyncio.CreateTask(DisturbAsync()));
        await Expect.Turns(LastTurn);

        // Those who are left over wait for a second one, which there can be one of at most.
        Assert.True(tasks.Count(task => !task.IsCompleted) <= 1, where);
        Assert.Equal(tasks.Count(task => !task.IsCompleted), barrier.WaitingCount);
        foreach (var task in tasks)
            task.Cancel();
        await Asyncio.Wait(tasks);
        Assert.True(barrier.ToString() == "AsyncBarrier [filling, waiters:0/2]", where);
        Assert.All(tasks, task => Assert.True(task.IsCanceled || task.IsCompletedSuccessfully, where));

        var both = await Asyncio.WaitFor(Asyncio.Gather(barrier.WaitAsync(), barrier.WaitAsync()), 1);
        Assert.Equal(1, both.Sum());

        async Coroutine VisitAsync(int turnsBefore)
        {
            await Expect.Turns(turnsBefore);
            for (var round = 0; round < 2; round++)
            {
                try
                {
                    Assert.InRange(await barrier.WaitAsync(), 0, 1);
                }
                catch (BrokenBarrierException) when (resets)
                {
                }
            }
        }

        async Coroutine DisturbAsync()
        {
            for (var turn = 0; turn < LastTurn; turn++)
            {
                if (turn == first / Visitors)
                    tasks[first % Visitors].Cancel();
                if (turn == second / Visitors && !resets)
                    tasks[second % Visitors].Cancel();
                else if (turn == second / Visitors && second % Visitors == 0)
                    await barrier.ResetAsync();
                await Asyncio.Yield();
            }
        }
    }
}
