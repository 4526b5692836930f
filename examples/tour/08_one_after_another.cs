#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// Awaiting two coroutines runs one after the other: two delays take two.
// Tasks start by themselves: two delays take one.

using System.Diagnostics;
using AsyncioSharp;

const double Delay = 0.5;

Asyncio.Run(async () =>
{
    var clock = Stopwatch.StartNew();
    await SayAfterAsync(Delay, "hello");
    await SayAfterAsync(Delay, "world");
    Console.WriteLine($"awaited one after another: {clock.Elapsed.TotalSeconds / Delay:0} delays");

    clock.Restart();
    var first = Asyncio.CreateTask(SayAfterAsync(Delay, "hello"));
    var second = Asyncio.CreateTask(SayAfterAsync(Delay, "world"));
    await first;
    await second;
    Console.WriteLine($"as tasks: {clock.Elapsed.TotalSeconds / Delay:0} delay");
});

static async Coroutine SayAfterAsync(double seconds, string what)
{
    await Asyncio.Sleep(seconds);
    Console.WriteLine(what);
}
