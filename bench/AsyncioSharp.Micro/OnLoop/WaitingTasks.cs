using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Micro.OnLoop;

/// <summary>Tasks that wait for what never comes.</summary>
internal sealed class WaitingTasks(int count)
{
    private readonly AsyncioTask[] _tasks = new AsyncioTask[count];

    public async Coroutine SpawnAsleep(int depth)
    {
        for (var i = 0; i < _tasks.Length; i++)
            _tasks[i] = Asyncio.CreateTask(SleepBelow(depth));
        await Asyncio.Yield(); // they run until they wait
    }

    public async Coroutine SpawnAtFutures(int depth)
    {
        for (var i = 0; i < _tasks.Length; i++)
            _tasks[i] = Asyncio.CreateTask(AwaitBelow(depth, EventLoop.Running.CreateFuture<int>()));
        await Asyncio.Yield();
    }

    /// <summary>Cancels them all, and lets the loop turn until they have ended.</summary>
    public async Coroutine Cancel()
    {
        foreach (var task in _tasks)
            task.Cancel();
        while (!_tasks[^1].IsCompleted)
            await Asyncio.Yield();
    }

    public void CheckCanceled()
    {
        if (!Array.TrueForAll(_tasks, task => task.IsCanceled))
            throw new InvalidOperationException("A task was not cancelled.");
    }

    private static async Coroutine SleepBelow(int depth)
    {
        if (depth > 0)
            await SleepBelow(depth - 1);
        else
            await Asyncio.Sleep(TimeSpan.FromHours(1));
    }

    private static async Coroutine<int> AwaitBelow(int depth, Future<int> future) =>
        depth > 0 ? await AwaitBelow(depth - 1, future) : await future;
}
