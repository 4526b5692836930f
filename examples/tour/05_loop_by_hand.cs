#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// A loop that is made, used and closed by hand, as asyncio programs did before asyncio.run().
// Programs seldom need it; Asyncio.Run does the same and cleans up as well.

using AsyncioSharp;
using AsyncioSharp.LowLevel;

var loop = EventLoop.New();
try
{
    Console.WriteLine($"the answer: {loop.RunUntilComplete(AnswerAsync())}");

    loop.CallSoon(() => Console.WriteLine("running until somebody stops it"));
    loop.CallLater(TimeSpan.FromSeconds(0.1), loop.Stop);
    loop.RunForever();
    Console.WriteLine("stopped");
}
finally
{
    loop.Close();
}
Console.WriteLine($"closed: {loop.IsClosed}");

static async Coroutine<int> AnswerAsync()
{
    await Asyncio.Sleep(0.1);
    return 42;
}
