#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// Ten coroutines count to ten, all at the same time on one thread: each await lets the others have a turn.
// Asyncio.Run starts the loop, Asyncio.Gather runs the coroutines side by side and collects their results.

using AsyncioSharp;

Asyncio.Run(async () =>
{
    var sums = await Asyncio.Gather(Enumerable.Range(1, 10).Select(CountAsync));
    Console.WriteLine($"The sums: {string.Join(' ', sums)}");
});

static async Coroutine<int> CountAsync(int counter)
{
    var sum = 0;
    for (var number = 1; number <= 10; number++)
    {
        Console.Write($"{counter}:{number}{(counter == 10 ? '\n' : ' ')}");
        sum += number;
        await Asyncio.Yield(); // asyncio.sleep(0)
    }
    return sum;
}
