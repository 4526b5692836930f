using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Micro.OnLoop;

internal static class Waiting
{
    private const int Batch = 1000;
    private const int Sleepers = 100;

    private static readonly Action s_nothing = static () => { };

    /// <summary>Items through a queue bounded to 100, from one producer to one consumer.</summary>
    public static async Coroutine Channel(int count)
    {
        var queue = new AsyncQueue<int>(100);
        var producer = Asyncio.CreateTask(Produce(queue, count));
        for (var i = 0; i < count; i++)
            await queue.GetAsync();
        await producer;

        static async Coroutine Produce(AsyncQueue<int> queue, int count)
        {
            for (var i = 0; i < count; i++)
                await queue.PutAsync(i);
        }
    }

    /// <summary>Timers 10 s away, made and cancelled; a thousand at a time.</summary>
    public static async Coroutine Timers(int count)
    {
        var loop = EventLoop.Running;
        var timers = new TimerHandle[Batch];
        for (var i = 0; i < count / Batch; i++)
        {
            for (var j = 0; j < timers.Length; j++)
                timers[j] = loop.CallLater(TimeSpan.FromMilliseconds(10_000 + j), s_nothing);
            foreach (var timer in timers)
                timer.Cancel();
            await Asyncio.Yield();
        }
    }

    /// <summary>Tasks that all sleep 10 s at once.</summary>
    public static async Coroutine Sleep(int count)
    {
        foreach (var task in SpawnSleepers(count))
            await task;
    }

    /// <summary>A hundred tasks sleep for 1 ms again and again.</summary>
    public static async Coroutine Naps(int count)
    {
        foreach (var task in SpawnNaps(count / Sleepers))
            await task;
    }

    /// <summary>Bytes for one such sleep; what starts and ends the tasks is left out.</summary>
    public static async Coroutine<double> SleepAllocation(int count)
    {
        var tasks = SpawnNaps(1 + count / Sleepers);
        await Asyncio.Yield(); // now all of them sleep for the first time
        var before = GC.GetTotalAllocatedBytes(precise: true);
        foreach (var task in tasks)
            await task;
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)count;
    }

    /// <summary>Processor time to wake one of many sleeping tasks and to end it, counted from when all are asleep.</summary>
    public static async Coroutine<double> SleepProcessorTime(int count)
    {
        var tasks = SpawnSleepers(count);
        await Asyncio.Yield();
        var before = Environment.CpuUsage.TotalTime;
        foreach (var task in tasks)
            await task;
        return (Environment.CpuUsage.TotalTime - before).TotalNanoseconds / count;
    }

    private static AsyncioTask[] SpawnNaps(int rounds)
    {
        var tasks = new AsyncioTask[Sleepers];
        for (var i = 0; i < tasks.Length; i++)
            tasks[i] = Asyncio.CreateTask(Nap(rounds));
        return tasks;

        static async Coroutine Nap(int rounds)
        {
            for (var i = 0; i < rounds; i++)
                await Asyncio.Sleep(TimeSpan.FromMilliseconds(1));
        }
    }

    private static AsyncioTask[] SpawnSleepers(int count)
    {
        var tasks = new AsyncioTask[count];
        for (var i = 0; i < tasks.Length; i++)
            tasks[i] = Asyncio.CreateTask(Nap());
        return tasks;

        static async Coroutine Nap() => await Asyncio.Sleep(10);
    }
}
