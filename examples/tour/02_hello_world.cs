#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// "hello …" waits for a future, and another task sets it after a delay: "world!".
// A future is a result that is not there yet. EventLoop.CreateFuture makes one to be set by hand.

using AsyncioSharp;
using AsyncioSharp.LowLevel;

Asyncio.Run(async () =>
{
    var word = EventLoop.Running.CreateFuture<string>();
    var task = Asyncio.CreateTask(SetAfterAsync(word, 0.2, "world!"));
    Console.Write("hello … ");
    Console.WriteLine(await word);
    await task;
});

static async Coroutine SetAfterAsync(Future<string> future, double seconds, string value)
{
    await Asyncio.Sleep(seconds);
    future.SetResult(value);
}
