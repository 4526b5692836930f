#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// Gather waits for all and gives their results in order. Wait tells who is done and who is not,
// and cancels nobody: here the fastest wins, and the rest are cancelled by hand.

using AsyncioSharp;

Asyncio.Run(async () =>
{
    var (a, b) = await Asyncio.Gather(FetchAsync("a", 0.2), FetchAsync("b", 0.1));
    Console.WriteLine($"gathered: {a}, {b}");

    var tasks = new[] { 30, 0.1, 60 }.Select((seconds, i) => Asyncio.CreateTask(FetchAsync($"mirror {i + 1}", seconds))).ToList();
    var (done, pending) = await Asyncio.Wait(tasks, until: WaitUntil.FirstCompleted);
    foreach (var task in pending)
        task.Cancel();
    Console.WriteLine($"the fastest: {done.Single().Result}; {pending.Count} cancelled");
});

static async Coroutine<string> FetchAsync(string what, double seconds)
{
    try
    {
        await Asyncio.Sleep(seconds);
        return what;
    }
    catch (OperationCanceledException)
    {
        Console.WriteLine($"{what} is not needed any more");
        throw; // whoever catches a cancellation passes it on
    }
}
