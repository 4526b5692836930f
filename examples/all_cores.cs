#:project ../src/AsyncioSharp/AsyncioSharp.csproj

// An echo server on all cores: a loop for each, and connections spread over them. Ctrl-C ends all of them, after the clients
// have had two seconds to finish. A second program, "count", computes on all cores until it is interrupted.
//
//   dotnet run examples/all_cores.cs -- 8888
//   nc 127.0.0.1 8888
//   dotnet run examples/all_cores.cs -- count

using AsyncioSharp;

if (args.ElementAtOrDefault(0) == "count")
{
    Asyncio.RunOnAllCores(CountAsync);
    return;
}
var port = int.Parse(args.ElementAtOrDefault(0) ?? "8888");
var group = LoopGroup.Start();
try
{
    Asyncio.Run(async () =>
    {
        var server = await group.StartServerAsync(EchoAsync, "127.0.0.1", port);
        Console.WriteLine($"echoing at {server.EndPoints[0]} on {group.Loops.Count} loops");
        await Asyncio.Sleep(TimeSpan.MaxValue);
    });
}
catch (OperationCanceledException)
{
    var end = group.StopAsync(grace: TimeSpan.FromSeconds(2)).GetAwaiter().GetResult();
    Console.WriteLine($"{end.AbortedConnections} connections were cut off.");
    Console.WriteLine("Bye."); // Ctrl-C
}

static async Coroutine CountAsync()
{
    var count = 0L;
    try
    {
        for (; ; count++)
        {
            if (count == 1)
                Console.WriteLine($"loop {LoopGroup.CurrentIndex} counts");
            await Asyncio.Yield();
        }
    }
    finally
    {
        Console.WriteLine($"loop {LoopGroup.CurrentIndex} has counted {(count > 0 ? "a lot" : "nothing")}");
    }
}

static async Coroutine EchoAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
{
    await using (writer)
    {
        await foreach (var line in reader)
        {
            writer.Write(line);
            await writer.DrainAsync();
        }
    }
}
