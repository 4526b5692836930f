#:project ../src/AsyncioSharp/AsyncioSharp.csproj

// Sends datagrams back, and asks itself.
//
//   dotnet run examples/udp_echo.cs -- 8009        serves until Ctrl-C; try: nc -u 127.0.0.1 8009
//   dotnet run examples/udp_echo.cs                serves on a free port, sends a few, and ends

using System.Net;
using System.Text;
using AsyncioSharp;
using AsyncioSharp.LowLevel;

try
{
    Asyncio.Run(() => args is [var port] ? ServeAsync(int.Parse(port)) : TryAsync());
}
catch (OperationCanceledException)
{
    Console.WriteLine("Bye."); // Ctrl-C
}

static async Coroutine ServeAsync(int port)
{
    var (transport, _) = await EventLoop.Running.CreateDatagramEndpointAsync(() => new Echo(), new IPEndPoint(IPAddress.Loopback, port));
    Console.WriteLine($"listening at {transport.LocalEndPoint}");
    try
    {
        await Asyncio.Sleep(Timeout.InfiniteTimeSpan);
    }
    finally
    {
        transport.Close();
    }
}

static async Coroutine TryAsync()
{
    var loop = EventLoop.Running;
    var (server, _) = await loop.CreateDatagramEndpointAsync(() => new Echo(), new IPEndPoint(IPAddress.Loopback, 0));
    var answers = new AsyncQueue<string>();
    var (client, _) = await loop.CreateDatagramEndpointAsync(() => new Answers(answers), remoteEndPoint: server.LocalEndPoint);
    foreach (var text in new[] { "one", "two", "three" })
    {
        client.SendTo(Encoding.UTF8.GetBytes(text));
        // Datagrams can get lost: whoever waits for one has to give up some time.
        Console.WriteLine($"sent {text}, received {await Asyncio.WaitFor(answers.GetAsync(), 5)}");
    }
    client.Close();
    server.Close();
}

sealed class Echo : DatagramProtocol
{
    private DatagramTransport _transport = null!;

    public override void ConnectionMade(DatagramTransport transport) => _transport = transport;

    public override void DatagramReceived(ReadOnlySpan<byte> data, EndPoint remoteEndPoint) => _transport.SendTo(data, remoteEndPoint);
}

sealed class Answers(AsyncQueue<string> queue) : DatagramProtocol
{
    public override void DatagramReceived(ReadOnlySpan<byte> data, EndPoint remoteEndPoint) => queue.PutNoWait(Encoding.UTF8.GetString(data));

    public override void ErrorReceived(Exception exception) => Console.WriteLine($"not delivered: {exception.Message}");
}
