#:package Microsoft.Extensions.Hosting
#:project ../src/AsyncioSharp.Hosting/AsyncioSharp.Hosting.csproj

// A worker in .NET's generic host: two services, each a coroutine on a loop of its own. Options come from the configuration,
// logs go to the host, and Ctrl-C lets both finish what they do.
//
//   dotnet run examples/worker_service.cs -- --Echo:Port=8020 --Heartbeat:Interval=00:00:02
//   nc 127.0.0.1 8020
//   dotnet run examples/worker_service.cs -- --Asyncio:StallThreshold=00:00:00.1 --Asyncio:Services:EchoServer:Restart=OnFailure

using AsyncioSharp;
using AsyncioSharp.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddAsyncioService<Heartbeat>();
builder.Services.AddAsyncioService<EchoServer>();
builder.Build().Run();

/// <summary>Does something at regular times.</summary>
sealed class Heartbeat(AsyncioRuntime runtime, IConfiguration configuration, ILogger<Heartbeat> logger) : AsyncioBackgroundService(runtime)
{
    private readonly TimeSpan _interval = configuration.GetValue("Heartbeat:Interval", TimeSpan.FromSeconds(1));

    protected override async Coroutine ExecuteAsync()
    {
        var beats = 0;
        try
        {
            for (; ; )
            {
                await Asyncio.Sleep(_interval); // the host's stop arrives here
                logger.LogInformation("beat {Beat}", ++beats);
            }
        }
        finally
        {
            logger.LogInformation("The heart has stopped after {Beats} beats.", beats);
        }
    }
}

/// <summary>Serves clients, and takes leave of them.</summary>
sealed class EchoServer(AsyncioRuntime runtime, IConfiguration configuration, ILogger<EchoServer> logger) : AsyncioBackgroundService(runtime)
{
    private readonly HashSet<AsyncStreamWriter> _clients = []; // touched on this service's loop only

    protected override async Coroutine ExecuteAsync()
    {
        var server = await Asyncio.StartServerAsync(EchoAsync, "127.0.0.1", configuration.GetValue("Echo:Port", 8020));
        logger.LogInformation("echoing at {Address}", server.Sockets[0].LocalEndPoint);
        try
        {
            await Asyncio.Sleep(Timeout.InfiniteTimeSpan);
        }
        finally
        {
            server.Close();
            foreach (var client in _clients)
                client.Write("The server stops. Bye.\n"u8);
            server.CloseClients(); // once what was written is sent
            await server.ShutdownAsync(TimeSpan.FromSeconds(1)); // then they are cut off
        }
    }

    private async Coroutine EchoAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        _clients.Add(writer);
        try
        {
            await foreach (var line in reader)
            {
                writer.Write(line);
                await writer.DrainAsync();
            }
        }
        finally
        {
            _clients.Remove(writer);
            await writer.DisposeAsync();
        }
    }
}
