#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// MoveOnAfter is a timeout without an exception: what was not ready in time is done without.
// It says whether the body was cut off, or gives its result.

using AsyncioSharp;

Asyncio.Run(async () =>
{
    foreach (var seconds in new[] { 0.1, 60 })
    {
        var answer = await Asyncio.MoveOnAfter(0.5, async _ => await AskAsync(seconds));
        Console.WriteLine(answer.IsSuccess ? $"the answer is {answer.Value}" : "no answer in time");
    }

    var cutOff = await Asyncio.MoveOnAfter(0.5, async _ => await TaskGroup.RunAsync(async group =>
    {
        group.StartSoon(CountAsync());
        await Asyncio.Sleep(60);
    }));
    Console.WriteLine($"the group was cut off: {cutOff}");
});

static async Coroutine<int> AskAsync(double seconds)
{
    await Asyncio.Sleep(seconds);
    return 42;
}

static async Coroutine CountAsync()
{
    await Asyncio.Sleep(0.1);
    Console.WriteLine("one");
    await Asyncio.Sleep(60);
    Console.WriteLine("two");
}
