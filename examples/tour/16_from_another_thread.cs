#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// A loop belongs to its thread. Other threads hand it coroutines with RunCoroutineThreadsafe, which gives
// a .NET Task to wait for, and plain calls with CallSoonThreadsafe.

using AsyncioSharp;

using var background = new EventLoopThread(); // a loop that runs on a thread of its own
var loop = background.Loop;

var sum = Asyncio.RunCoroutineThreadsafe(AddAsync(20, 22), loop);
Console.WriteLine($"the sum: {sum.Result}"); // this thread may block: the loop is elsewhere

using var called = new ManualResetEventSlim();
loop.CallSoonThreadsafe(() =>
{
    Console.WriteLine($"called on the loop's thread: {loop.IsOnThread}");
    called.Set();
});
called.Wait();

var greeting = await background.RunAsync(async () =>
{
    await Asyncio.Sleep(0.05);
    return "hello from the loop";
});
Console.WriteLine(greeting);

static async Coroutine<int> AddAsync(int a, int b)
{
    await Asyncio.Sleep(0.05);
    return a + b;
}
