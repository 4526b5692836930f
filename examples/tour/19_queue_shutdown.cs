#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// A queue passes items from producers to consumers. Its size holds producers up that are too fast, and when it is shut
// down, consumers take what is left and end.

using AsyncioSharp;

Asyncio.Run(async () =>
{
    var queue = new AsyncQueue<int>(maxSize: 2);
    var eaten = 0;

    await TaskGroup.RunAsync(async group =>
    {
        group.StartSoon(ConsumeAsync());
        group.StartSoon(ConsumeAsync());
        for (var n = 1; n <= 10; n++)
            await queue.PutAsync(n);
        queue.Shutdown();
        Console.WriteLine($"shut down: {queue.IsShutDown}");
    });
    Console.WriteLine($"sum {eaten}, left {queue.Count}");

    try
    {
        await queue.PutAsync(11);
    }
    catch (QueueShutDownException e)
    {
        Console.WriteLine(e.Message);
    }

    async Coroutine ConsumeAsync()
    {
        await foreach (var n in queue)
            eaten += n;
    }
});
