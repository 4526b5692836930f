#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// Callbacks at a time: CallLater takes a delay, CallAt a time on the loop's clock.
// Both give a handle, with which the call can be taken back.

using AsyncioSharp;
using AsyncioSharp.LowLevel;

Asyncio.Run(async () =>
{
    var loop = EventLoop.Running;
    var over = loop.CreateFuture<string>();
    loop.CallLater(TimeSpan.FromSeconds(0.2), () => Console.WriteLine("two"));
    loop.CallLater(TimeSpan.FromSeconds(0.1), () => Console.WriteLine("one"));
    var never = loop.CallLater(TimeSpan.FromSeconds(0.15), () => Console.WriteLine("one and a half"));
    loop.CallAt(loop.Time + TimeSpan.FromSeconds(0.3), () => over.SetResult("three"));
    Console.WriteLine($"taken back: {never.Cancel()}");
    Console.WriteLine(await over);
});
