#:project ../src/AsyncioSharp/AsyncioSharp.csproj

// Sends back what it is sent. Twice: with streams on one port, with a protocol on the next.
//
//   dotnet run examples/echo_server.cs -- 8007
//   nc 127.0.0.1 8007        or        dotnet run examples/echo_client.cs -- 8007

using System.Net;
using AsyncioSharp;
using AsyncioSharp.LowLevel;

var port = args is [var number] ? int.Parse(number) : 8007;
try
{
    Asyncio.Run(() => ServeAsync(port));
}
catch (OperationCanceledException)
{
    Console.WriteLine("Bye."); // Ctrl-C
}

static async Coroutine ServeAsync(int port)
{
    await using var streams = await Asyncio.StartServerAsync(EchoAsync, "127.0.0.1", port);
    await using var protocols = await EventLoop.Running.CreateServerAsync(() => new Echo(), "127.0.0.1", port == 0 ? 0 : port + 1);
    Console.WriteLine($"streams on {Address(streams)}, protocols on {Address(protocols)}");
    await Asyncio.Gather(streams.ServeForeverAsync(), protocols.ServeForeverAsync());
}

static EndPoint? Address(Server server) => server.Sockets[0].LocalEndPoint;

// Streams: a task for each client, which reads as if it were alone.
static async Coroutine EchoAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
{
    await using (writer)
    {
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await reader.ReadAsync(buffer)) > 0)
        {
            writer.Write(buffer.AsSpan(0, count));
            await writer.DrainAsync(); // waits while the client does not read: nothing piles up
        }
    }
}

// A protocol: called when there is data, and asked to stop reading while the client does not take what is sent.
sealed class Echo : Protocol
{
    private Transport _transport = null!;

    public override void ConnectionMade(Transport transport) => _transport = transport;

    public override void DataReceived(ReadOnlySpan<byte> data) => _transport.Write(data);

    public override void PauseWriting() => _transport.PauseReading();

    public override void ResumeWriting() => _transport.ResumeReading();
}
