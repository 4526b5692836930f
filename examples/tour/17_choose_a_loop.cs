#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// Which loop runs a program is one line. Here it is the one in virtual time, made for tests:
// when everybody waits, its clock jumps to the next deadline, and a year is over at once.

using System.Diagnostics;
using AsyncioSharp;
using AsyncioSharp.LowLevel;

var clock = Stopwatch.StartNew();
Asyncio.Run(
    async () =>
    {
        Console.WriteLine($"running on {EventLoop.Running.GetType().Name}");
        var start = EventLoop.Running.Time;
        await Asyncio.Sleep(TimeSpan.FromDays(365));
        Console.WriteLine($"slept for {(EventLoop.Running.Time - start).TotalDays} days");
    },
    new RunnerOptions { LoopFactory = () => new VirtualEventLoop() }); // this line
Console.WriteLine($"in less than a minute: {clock.Elapsed < TimeSpan.FromMinutes(1)}");
