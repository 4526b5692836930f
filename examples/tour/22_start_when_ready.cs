#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// StartAsync makes a task in a group and returns when the task says that it is ready, with what it says.
// A task that fails before that fails whoever starts it, and nobody else.

using AsyncioSharp;

Asyncio.Run(async () => await TaskGroup.RunAsync(async group =>
{
    var channel = await group.StartAsync<AsyncQueue<string>>(ServeAsync, "server");
    await channel.PutAsync("hello");
    await channel.PutAsync("goodbye");

    try
    {
        await group.StartAsync<int>(_ => FailAsync());
    }
    catch (IOException e)
    {
        Console.WriteLine($"could not start: {e.Message}");
    }
}));

static async Coroutine ServeAsync(StartSignal<AsyncQueue<string>> started)
{
    Console.WriteLine("getting ready");
    await Asyncio.Sleep(0.1);
    var channel = new AsyncQueue<string>();
    started.Set(channel);
    for (var word = ""; word != "goodbye";)
        Console.WriteLine($"heard: {word = await channel.GetAsync()}");
}

static async Coroutine FailAsync()
{
    await Asyncio.Sleep(0.1);
    throw new IOException("the port is taken");
}
