// Starts a program and waits for its end, many times and some at once:  AsyncioSharp.Processes loop|process [COUNT [AT-ONCE]]
// by the loop, or by System.Diagnostics.Process. bench/peers/processes.py is the same on CPython's asyncio.

using System.Diagnostics;
using System.Globalization;
using AsyncioSharp;

const string Program = "/bin/true";
var count = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1000;
var atOnce = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 16;
var isLoop = args is not ["process", ..];
await RunAsync(count); // warms up: .NET is at its last compiler tier after that
var clock = Stopwatch.StartNew();
await RunAsync(count);
Console.WriteLine(
    $"{(isLoop ? "AsyncioSharp" : "System.Diagnostics.Process"),-28} {clock.Elapsed.TotalMicroseconds / count,8:F0} us a process, {atOnce} at once");

Task RunAsync(int count)
{
    if (!isLoop)
        return Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => ByProcessAsync(count / atOnce)));
    Asyncio.Run(async () => await Asyncio.Gather(Enumerable.Range(0, atOnce).Select(_ => OnLoopAsync(count / atOnce))));
    return Task.CompletedTask;
}

static async Coroutine OnLoopAsync(int count)
{
    for (var i = 0; i < count; i++)
        await (await Asyncio.CreateSubprocessExecAsync(Program)).WaitAsync();
}

static async Task ByProcessAsync(int count)
{
    for (var i = 0; i < count; i++)
    {
        using var process = Process.Start(Program);
        await process.WaitForExitAsync();
    }
}
