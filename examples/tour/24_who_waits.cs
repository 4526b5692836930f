#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// A program that hangs: each of two tasks holds what the other one waits for. Where all tasks stand, and what they
// wait for, can be asked for at any time, without having prepared anything.

using System.Text.RegularExpressions;
using AsyncioSharp;
using AsyncioSharp.LowLevel;

var (fork, knife) = (new AsyncLock(), new AsyncLock());

Asyncio.Run(async () =>
{
    var (alice, bob) = (Asyncio.CreateTask(EatAsync(fork, knife), "alice"), Asyncio.CreateTask(EatAsync(knife, fork), "bob"));
    await Asyncio.Sleep(0.01); // by now each has one, and waits for the other
    EventLoop.Running.CallLater(TimeSpan.FromSeconds(0.1), () =>
    {
        Console.WriteLine(Regex.Replace(Asyncio.FormatAllTasks(), " in .*/", " in "));
        alice.Cancel();
    });
    await Asyncio.Wait([alice, bob]);
    Console.WriteLine($"bob has eaten: {bob.IsCompletedSuccessfully}");
});

static async Coroutine EatAsync(AsyncLock first, AsyncLock second)
{
    using (await first.AcquireAsync())
    {
        await Asyncio.Yield();
        using (await second.AcquireAsync())
            await Asyncio.Sleep(0.01);
    }
}
