namespace AsyncioSharp.Micro.OnPump;

internal static class Locking
{
    public static async Task Uncontended(int count)
    {
        var mutex = new SemaphoreSlim(1, 1);
        for (var i = 0; i < count; i++)
        {
            await mutex.WaitAsync();
            mutex.Release();
        }
    }

    // SemaphoreSlim lets whoever comes overtake those who wait; to see hand-offs, the holder lets the other one in each time.
    public static async Task HandOff(int count)
    {
        var mutex = new SemaphoreSlim(1, 1);
        await mutex.WaitAsync();
        var first = Take(mutex, count / 2);
        var second = Take(mutex, count / 2);
        mutex.Release();
        await first;
        await second;

        static async Task Take(SemaphoreSlim mutex, int count)
        {
            for (var i = 0; i < count; i++)
            {
                await mutex.WaitAsync();
                mutex.Release();
                await Task.Yield();
            }
        }
    }

    public static async Task Semaphore(int count)
    {
        var semaphore = new SemaphoreSlim(2);
        for (var i = 0; i < count; i++)
        {
            await semaphore.WaitAsync();
            semaphore.Release();
        }
    }

    public static async Task Group(int count)
    {
        var tasks = new Task[10];
        for (var i = 0; i < count / 10; i++)
        {
            for (var j = 0; j < tasks.Length; j++)
                tasks[j] = Trivial();
            await Task.WhenAll(tasks);
        }

        // It yields once: a method that ends at once is no task to wait for.
        static async Task Trivial() => await Task.Yield();
    }
}
