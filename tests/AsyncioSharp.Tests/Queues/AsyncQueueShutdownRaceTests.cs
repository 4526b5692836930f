namespace AsyncioSharp.Tests;

/// <summary>A queue that is shut down in any turn, while any of those who use it is cancelled in any turn.</summary>
public sealed class AsyncQueueShutdownRaceTests
{
    private const int LastTurn = 8;

    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 1)]
    [InlineData(false, 2)]
    [InlineData(true, 0)]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    public void Everybody_comes_to_an_end_and_every_item_somewhere(bool immediate, int maxSize) => LoopTest.Run(async () =>
    {
        for (var shutdown = 0; shutdown < LastTurn; shutdown++)
        {
            for (var cancel = 0; cancel < LastTurn; cancel++)
            {
                for (var victim = 0; victim < 6; victim++)
                {
                    await CheckAsync(maxSize, shutdown, immediate, victim, cancel, cancelFirst: true);
                    await CheckAsync(maxSize, shutdown, immediate, victim, cancel, cancelFirst: false);
                }
            }
        }
    });

    private static async Coroutine CheckAsync(int maxSize, int shutdown, bool immediate, int victim, int cancel, bool cancelFirst)
    {
        var where = $"shutdown {shutdown}, victim {victim} in {cancel}, first: {cancelFirst}";
        var queue = new AsyncQueue<int>(maxSize);
        var (put, got, dropped) = (new List<int>(), new List<int>(), 0);
        AsyncioTask[] tasks =
        [
            Asyncio.CreateTask(ProduceAsync(0)), Asyncio.CreateTask(ConsumeAsync()), Asyncio.CreateTask(ProduceAsync(10)),
            Asyncio.CreateTask(ConsumeByLoopAsync()), Asyncio.CreateTask(ProduceAsync(20)), Asyncio.CreateTask(ConsumeAsync()),
        ];
        for (var turn = 0; turn < LastTurn; turn++)
        {
            if (cancelFirst && turn == cancel)
                tasks[victim].Cancel();
            if (turn == shutdown)
            {
                dropped = immediate ? queue.Count : 0;
                queue.Shutdown(immediate);
            }
            if (!cancelFirst && turn == cancel)
                tasks[victim].Cancel();
            await Asyncio.Yield();
        }

        var ended = await Asyncio.Wait(tasks, TimeSpan.FromSeconds(1));
        Assert.True(ended.Pending.Count == 0, $"{where}: somebody waits for ever");
        for (var i = 0; i < tasks.Length; i++)
            Assert.True(tasks[i].IsCompletedSuccessfully || (i == victim && tasks[i].IsCanceled), $"{where}: {tasks[i]}");
        await Asyncio.WaitFor(queue.JoinAsync(), 1);
        Assert.True(queue.IsEmpty, where);
        Assert.True(got.Distinct().Count() == got.Count && got.All(put.Contains), where);
        Assert.True(put.Count == got.Count + dropped, $"{where}: {put.Count} put, {got.Count} got, {dropped} dropped");

        async Coroutine ProduceAsync(int first)
        {
            try
            {
                for (var item = first; item < first + 4; item++)
                {
                    await queue.PutAsync(item);
                    put.Add(item);
                    if (item % 2 == 0)
                        await Asyncio.Yield();
                }
            }
            catch (QueueShutDownException)
            {
                Assert.True(queue.IsShutDown);
            }
        }

        async Coroutine ConsumeAsync()
        {
            try
            {
                for (; ; )
                {
                    Take(await queue.GetAsync());
                    await Asyncio.Yield();
                }
            }
            catch (QueueShutDownException)
            {
                Assert.True(queue.IsShutDown);
            }
        }

        async Coroutine ConsumeByLoopAsync()
        {
            await foreach (var item in queue)
                Take(item);
        }

        void Take(int item)
        {
            got.Add(item);
            queue.TaskDone();
        }
    }
}
