using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Micro.OnLoop;

internal static class Scheduling
{
    private const int Batch = 1000;
    private const int Spinners = 100;

    private static readonly Action s_nothing = static () => { };

    /// <summary>A task that does nothing, spawned and joined; a thousand at a time.</summary>
    public static async Coroutine Spawn(int count)
    {
        var tasks = new AsyncioTask[Batch];
        for (var i = 0; i < count / Batch; i++)
        {
            for (var j = 0; j < tasks.Length; j++)
                tasks[j] = Asyncio.CreateTask(Trivial());
            foreach (var task in tasks)
                await task;
        }
    }

    /// <summary>A hundred tasks yield in turn.</summary>
    public static async Coroutine Turns(int count)
    {
        var tasks = new AsyncioTask[Spinners];
        for (var i = 0; i < tasks.Length; i++)
            tasks[i] = Asyncio.CreateTask(YieldAlone(count / Spinners));
        foreach (var task in tasks)
            await task;
    }

    /// <summary>One task yields: each time a turn of the loop of its own.</summary>
    public static async Coroutine YieldAlone(int count)
    {
        for (var i = 0; i < count; i++)
            await Asyncio.Yield();
    }

    /// <summary>Callbacks queued and run, a thousand to a turn of the loop.</summary>
    public static async Coroutine CallSoon(int count)
    {
        var loop = EventLoop.Running;
        var done = loop.CreateFuture<bool>();
        var left = count / Batch;
        Action refill = null!;
        refill = Refill;
        loop.CallSoon(refill);
        await done;

        void Refill()
        {
            for (var i = 0; i < Batch - 1; i++)
                loop.CallSoon(s_nothing);
            if (--left > 0)
                loop.CallSoon(refill);
            else
                done.SetResult(true);
        }
    }

    /// <summary>Another thread has a callback run on the loop's thread, and waits for its answer.</summary>
    public static async Coroutine Wake(int count)
    {
        var loop = EventLoop.Running;
        var done = loop.CreateFuture<bool>();
        var reply = new SemaphoreSlim(0);
        Action answer = () => reply.Release();
        new Thread(() =>
        {
            for (var i = 0; i < count; i++)
            {
                loop.CallSoonThreadsafe(answer);
                reply.Wait();
            }
            loop.CallSoonThreadsafe(() => done.SetResult(true));
        }).Start();
        await done;
    }

    private static async Coroutine Trivial()
    {
    }
}
