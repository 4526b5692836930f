namespace AsyncioSharp.Micro.OnLoop;

internal static class Locking
{
    /// <summary>A free lock, taken and released.</summary>
    public static async Coroutine Uncontended(int count)
    {
        var mutex = new AsyncLock();
        for (var i = 0; i < count; i++)
        {
            using (await mutex.AcquireAsync())
            {
            }
        }
    }

    /// <summary>A lock handed from one task to another and back: who releases it waits for it at once.</summary>
    public static async Coroutine HandOff(int count)
    {
        var mutex = new AsyncLock();
        AsyncioTask first, second;
        using (await mutex.AcquireAsync())
        {
            // Both wait before it begins: from then on one of them always does.
            first = Asyncio.CreateTask(Take(mutex, count / 2));
            second = Asyncio.CreateTask(Take(mutex, count / 2));
            await Asyncio.Yield();
        }
        await first;
        await second;

        static async Coroutine Take(AsyncLock mutex, int count)
        {
            for (var i = 0; i < count; i++)
            {
                using (await mutex.AcquireAsync())
                {
                }
            }
        }
    }

    /// <summary>A free semaphore, entered and left.</summary>
    public static async Coroutine Semaphore(int count)
    {
        var semaphore = new AsyncSemaphore(2);
        for (var i = 0; i < count; i++)
        {
            using (await semaphore.AcquireAsync())
            {
            }
        }
    }

    /// <summary>A task group of ten children that end at once.</summary>
    public static async Coroutine Group(int count)
    {
        for (var i = 0; i < count / 10; i++)
        {
            await TaskGroup.RunAsync(static async group =>
            {
                for (var j = 0; j < 10; j++)
                    group.StartSoon(Trivial());
            });
        }

        static async Coroutine Trivial() { }
    }
}
