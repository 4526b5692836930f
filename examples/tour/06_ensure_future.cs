#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// Asyncio.EnsureFuture makes a task of a coroutine and leaves a future as it is: for functions that take either.
// In a program of your own, say Asyncio.CreateTask when you mean a task.

using AsyncioSharp;
using AsyncioSharp.LowLevel;

Asyncio.Run(async () =>
{
    var future = EventLoop.Running.CreateFuture<string>();
    Console.WriteLine($"a future stays what it is: {ReferenceEquals(future, Asyncio.EnsureFuture(future))}");

    var greeting = Asyncio.EnsureFuture(GreetAsync("you"));
    greeting.Name = "greeting";
    Console.WriteLine($"a coroutine becomes a task: {greeting}");
    Console.WriteLine(await greeting);

    Console.WriteLine($"the quicker of the two: {await FirstOfAsync(future, greeting)}");
});

static async Coroutine<Future> FirstOfAsync(IAwaitable one, IAwaitable other)
{
    Future[] futures = [Asyncio.EnsureFuture(one), Asyncio.EnsureFuture(other)];
    var (done, _) = await Asyncio.Wait(futures, until: WaitUntil.FirstCompleted);
    return done.First();
}

static async Coroutine<string> GreetAsync(string whom)
{
    await Asyncio.Yield();
    return $"hello, {whom}";
}
