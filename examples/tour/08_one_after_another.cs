#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// Awaiting two coroutines runs one after the other: two delays take two.
// Tasks start by themselves: two delays take one.

using System.Diagnostics;
using AsyncioSharp;

Asyncio.Run(async () =>
{
    var clock = Stopwatch.StartNew();
    await SayAfterAsync(1, "hello");
    await SayAfterAsync(1, "world");
    Console.WriteLine($"awaited one after another: {clock.Elapsed.Seconds} s");

    clock.Restart();
    var first = Asyncio.CreateTask(SayAfterAsync(1, "hello"));
    var second = Asyncio.CreateTask(SayAfterAsync(1, "world"));
    await first;
    await second;
    Console.WriteLine($"as tasks: {clock.Elapsed.Seconds} s");
});

static async Coroutine SayAfterAsync(double seconds, string what)
{
    await Asyncio.Sleep(seconds);
    Console.WriteLine(what);
}
