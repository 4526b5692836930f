using AsyncioSharp;

if (args.Length > 0)
    Asyncio.Run(WaitAsync());
else
    Asyncio.Run(MainAsync());

#pragma warning disable CS1998 // it prints and ends
static async Coroutine MainAsync() => Console.WriteLine("Hello, World!");
#pragma warning restore CS1998

static async Coroutine WaitAsync()
{
    Console.WriteLine("Hello, World!");
    await Asyncio.Sleep(3600);
}
