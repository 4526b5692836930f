#:project ../src/AsyncioSharp/AsyncioSharp.csproj

// Forwards TCP connections. Each direction ends for itself, so that "send, end, wait for the answer" works through it.
//
//   dotnet run examples/proxy.cs -- 8008 example.org 80
//   curl -H "Host: example.org" http://127.0.0.1:8008/

using System.Net.Sockets;
using AsyncioSharp;

if (args is not [var port, var host, var remotePort])
{
    Console.Error.WriteLine("usage: proxy PORT HOST REMOTE_PORT");
    return 2;
}
try
{
    Asyncio.Run(ServeAsync(int.Parse(port), host, int.Parse(remotePort)));
}
catch (OperationCanceledException)
{
    Console.WriteLine("Bye."); // Ctrl-C
}
return 0;

static async Coroutine ServeAsync(int port, string host, int remotePort)
{
    await using var server = await Asyncio.StartServerAsync(
        (reader, writer) => ForwardAsync(reader, writer, host, remotePort), "127.0.0.1", port);
    Console.WriteLine($"{server.Sockets[0].LocalEndPoint} leads to {host}:{remotePort}");
    await server.ServeForeverAsync();
}

static async Coroutine ForwardAsync(AsyncStreamReader reader, AsyncStreamWriter writer, string host, int port)
{
    await using (writer)
    {
        try
        {
            var (remoteReader, remoteWriter) = await Asyncio.OpenConnectionAsync(host, port);
            await using (remoteWriter)
            {
                // If one direction fails, the group cancels the other.
                await TaskGroup.RunAsync(async group =>
                {
                    group.StartSoon(CopyAsync(reader, remoteWriter));
                    group.StartSoon(CopyAsync(remoteReader, writer));
                });
            }
        }
        catch (Exception e) when (e is SocketException or IOException or AggregateException)
        {
            Console.WriteLine($"{writer.RemoteEndPoint}: {(e is AggregateException { InnerExceptions: [var only] } ? only : e).Message}");
        }
    }
}

static async Coroutine CopyAsync(AsyncStreamReader from, AsyncStreamWriter to)
{
    var buffer = new byte[64 * 1024];
    int count;
    while ((count = await from.ReadAsync(buffer)) > 0)
    {
        to.Write(buffer.AsSpan(0, count));
        await to.DrainAsync(); // a slow reader holds up a fast writer, and not this program's memory
    }
    to.WriteEof(); // this direction only
}
