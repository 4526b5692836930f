namespace AsyncioSharp.Micro.OnPump;

internal static class Scheduling
{
    private const int Batch = 1000;
    private const int Spinners = 100;

    private static readonly SendOrPostCallback s_nothing = static _ => { };

    /// <summary>A task that does next to nothing, started and joined; a thousand at a time.</summary>
    public static async Task Spawn(int count)
    {
        var tasks = new Task[Batch];
        for (var i = 0; i < count / Batch; i++)
        {
            for (var j = 0; j < tasks.Length; j++)
                tasks[j] = Trivial();
            foreach (var task in tasks)
                await task;
        }
    }

    /// <summary>A hundred tasks yield in turn.</summary>
    public static async Task Turns(int count)
    {
        var tasks = new Task[Spinners];
        for (var i = 0; i < tasks.Length; i++)
            tasks[i] = YieldAlone(count / Spinners);
        foreach (var task in tasks)
            await task;
    }

    /// <summary>One task yields: each time a turn of the pump of its own.</summary>
    public static async Task YieldAlone(int count)
    {
        for (var i = 0; i < count; i++)
            await Task.Yield();
    }

    /// <summary>Callbacks posted and run, a thousand to a turn of the pump.</summary>
    public static Task CallSoon(int count)
    {
        var pump = SynchronizationContext.Current!;
        var done = new TaskCompletionSource();
        var left = count / Batch;
        SendOrPostCallback refill = null!;
        refill = Refill;
        pump.Post(refill, null);
        return done.Task;

        void Refill(object? state)
        {
            for (var i = 0; i < Batch - 1; i++)
                pump.Post(s_nothing, null);
            if (--left > 0)
                pump.Post(refill, null);
            else
                done.SetResult();
        }
    }

    /// <summary>Another thread has a callback run on the pump's thread, and waits for its answer.</summary>
    public static Task Wake(int count)
    {
        var pump = SynchronizationContext.Current!;
        var done = new TaskCompletionSource();
        var reply = new SemaphoreSlim(0);
        SendOrPostCallback answer = _ => reply.Release();
        new Thread(() =>
        {
            for (var i = 0; i < count; i++)
            {
                pump.Post(answer, null);
                reply.Wait();
            }
            pump.Post(_ => done.SetResult(), null);
        }).Start();
        return done.Task;
    }

    /// <summary>It yields once: a method that does not would have ended when it returns, and be no task to join.</summary>
    public static async Task Trivial() => await Task.Yield();
}
