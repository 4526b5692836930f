#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// A function that blocks would hold up everything. ToThread runs it on another thread,
// and the loop goes on meanwhile.

using AsyncioSharp;

Asyncio.Run(async () =>
{
    var loopThread = Environment.CurrentManagedThreadId;
    await TaskGroup.RunAsync(async group =>
    {
        var ticking = group.CreateTask(TickAsync());
        var elsewhere = await Asyncio.ToThread(() =>
        {
            Thread.Sleep(500); // blocks its thread
            return Environment.CurrentManagedThreadId != loopThread;
        });
        ticking.Cancel();
        Console.WriteLine($"it ran on another thread: {elsewhere}");
    });
    Console.WriteLine($"and we are back on ours: {Environment.CurrentManagedThreadId == loopThread}");
});

static async Coroutine TickAsync()
{
    for (var ticks = 1; ; ticks++)
    {
        await Asyncio.Sleep(0.05);
        if (ticks == 3)
            Console.WriteLine("the loop is alive");
    }
}
