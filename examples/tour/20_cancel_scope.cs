#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// A cancel scope is cancelled for as long as somebody is in it: code that swallows the cancellation is cancelled again
// at its next await. A shield lets clean-up wait all the same.

using AsyncioSharp;

Asyncio.Run(async () =>
{
    var cutOff = await Asyncio.CancelScope(async scope =>
    {
        var stop = Asyncio.CreateTask(StopAsync(scope));
        try
        {
            await StubbornAsync();
            await Asyncio.Sleep(60);
        }
        finally
        {
            await Asyncio.Shielded(async () => await Asyncio.Sleep(0.1));
            Console.WriteLine("cleaned up");
        }
    });
    Console.WriteLine(cutOff ? "cut off" : "done");
});

static async Coroutine StubbornAsync()
{
    for (var i = 1; i <= 2; i++)
    {
        try { await Asyncio.Sleep(60); }
        catch (OperationCanceledException e) { Console.WriteLine($"swallowed {i}: {e.Message}"); }
    }
}

static async Coroutine StopAsync(CancelScope scope)
{
    await Asyncio.Sleep(0.1);
    scope.Cancel("enough");
}
