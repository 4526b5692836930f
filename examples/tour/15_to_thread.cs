#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// A function that blocks would hold up everything. ToThread runs it on another thread,
// and the loop goes on meanwhile.

using AsyncioSharp;

Asyncio.Run(async () =>
{
    var loopThread = Environment.CurrentManagedThreadId;
    using var ticked = new ManualResetEventSlim();
    await TaskGroup.RunAsync(async group =>
    {
        group.StartSoon(TickAsync(ticked));
        var elsewhere = await Asyncio.ToThread(() =>
        {
            ticked.Wait(); // blocks its thread; on the loop's thread it would wait for ever
            return Environment.CurrentManagedThreadId != loopThread;
        });
        Console.WriteLine($"it ran on another thread: {elsewhere}");
    });
    Console.WriteLine($"and we are back on ours: {Environment.CurrentManagedThreadId == loopThread}");
});

static async Coroutine TickAsync(ManualResetEventSlim ticked)
{
    for (var i = 1; i <= 3; i++)
    {
        await Asyncio.Sleep(0.05);
        Console.WriteLine($"tick {i}");
    }
    ticked.Set();
}
