#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// Locks, events and barriers put tasks in order. Between two awaits nobody else runs, so they are only needed around
// awaits; who need not wait goes on at once, and who waits is served in order.

using AsyncioSharp;

Asyncio.Run(async () =>
{
    var (mutex, open) = (new AsyncLock(), new AsyncEvent());
    var barrier = new AsyncBarrier(3);

    await TaskGroup.RunAsync(async group =>
    {
        foreach (var name in new[] { "ann", "bob", "cid" })
            group.StartSoon(VisitAsync(name));
        await Asyncio.Sleep(0.1);
        Console.WriteLine("open");
        open.Set();
    });
    Console.WriteLine($"{mutex} {open} {barrier}");

    async Coroutine VisitAsync(string name)
    {
        await open.WaitAsync();
        using (await mutex.AcquireAsync())
        {
            Console.WriteLine($"{name} goes in");
            await Asyncio.Sleep(0.01);
            Console.WriteLine($"{name} comes out");
        }
        if (await barrier.WaitAsync() == 0)
            Console.WriteLine("everybody is out");
    }
});
