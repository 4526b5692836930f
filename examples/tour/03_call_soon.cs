#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// A future that is resolved by a plain callback. CallSoon has the loop call it in its next turn,
// so that whoever made the call goes on first.

using AsyncioSharp;
using AsyncioSharp.LowLevel;

Asyncio.Run(async () =>
{
    var loop = EventLoop.Running;
    var future = loop.CreateFuture<int>();
    loop.CallSoon(() =>
    {
        Console.WriteLine("the callback sets the future");
        future.SetResult(42);
    });
    future.AddDoneCallback(done => Console.WriteLine($"its callback is told: {done}"));
    Console.WriteLine("the coroutine waits");
    Console.WriteLine($"the coroutine has {await future}");
});
