#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// A task keeps its exception until somebody awaits it; then it is thrown there, with its stack trace.
// An exception that nobody awaits is reported, at the latest when the loop closes.

using AsyncioSharp;

Asyncio.Run(async () =>
{
    var task = Asyncio.CreateTask(DivideAsync(1, 0), name: "division");
    await Asyncio.Wait([task]); // waits, and throws nothing
    Console.WriteLine($"{task} – and nobody has been troubled yet");
    try
    {
        Console.WriteLine(await task);
    }
    catch (DivideByZeroException e)
    {
        Console.WriteLine($"caught where it is awaited: {e.Message}");
    }
});

static async Coroutine<int> DivideAsync(int a, int b)
{
    await Asyncio.Sleep(0.01);
    return a / b;
}
