#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// A task group ends when all its tasks have ended: none is left behind. If one fails, the others are cancelled,
// and what failed is thrown as one AggregateException.

using AsyncioSharp;

Asyncio.Run(async () =>
{
    var sum = await TaskGroup.RunAsync(async group =>
    {
        var one = group.CreateTask(WorkAsync("one", 0.1));
        var two = group.CreateTask(WorkAsync("two", 0.3));
        return await one + await two;
    });
    Console.WriteLine($"together {sum} letters");

    try
    {
        await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(WorkAsync("three", 60));
            group.StartSoon(WorkAsync("", 0.1));
        });
    }
    catch (AggregateException e)
    {
        Console.WriteLine($"failed: {e.InnerExceptions.Single().Message}");
    }
});

static async Coroutine<int> WorkAsync(string what, double seconds)
{
    using var end = new Ending(what);
    await Asyncio.Sleep(seconds);
    return what.Length > 0 ? what.Length : throw new InvalidOperationException("nothing to work on");
}

record Ending(string What) : IDisposable { public void Dispose() => Console.WriteLine($"'{What}' has ended"); }
