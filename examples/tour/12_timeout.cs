#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// Whatever the body of a timeout does is cancelled when the time is over, however deep it waits,
// and a TimeoutException comes out. No tokens are passed around.

using AsyncioSharp;
using AsyncioSharp.LowLevel;

Asyncio.Run(async () =>
{
    try
    {
        await Asyncio.Timeout(0.1, async _ => await MakeTeaAsync());
    }
    catch (TimeoutException e)
    {
        Console.WriteLine($"no tea: {e.Message}");
    }

    await Asyncio.Timeout(0.1, async scope =>
    {
        scope.Reschedule(EventLoop.Running.Time + TimeSpan.FromSeconds(60)); // no hurry after all
        await MakeTeaAsync();
    });
});

static async Coroutine MakeTeaAsync()
{
    await BoilWaterAsync();
    Console.WriteLine("tea is ready");
}

static async Coroutine BoilWaterAsync() => await Asyncio.Sleep(0.5);
