using System.Net;
using System.Net.Security;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Network;

/// <summary>The servers on an event loop.</summary>
internal static class OnLoop
{
    public static void Serve(string kind, int port, string file) => Asyncio.Run(async () =>
    {
        var loop = EventLoop.Running;
        if (kind == "udp")
        {
            await loop.CreateDatagramEndpointAsync(static () => new DatagramEcho(), new IPEndPoint(IPAddress.Loopback, port));
            await loop.CreateFuture<bool>();
        }
        var options = new ServerOptions { Backlog = 1024 };
        if (kind == "tls")
            options = options with { Tls = new SslServerAuthenticationOptions { ServerCertificate = Certificate.Load(file) } };
        Func<StreamProtocol> factory = kind == "file" ? () => new FileSender(loop, file) : static () => new Echo();
        var server = await loop.CreateServerAsync(factory, "127.0.0.1", port, options);
        await server.ServeForeverAsync();
    });

    private sealed class Echo : Protocol
    {
        private Transport? _transport;

        public override void ConnectionMade(Transport transport) => _transport = transport;

        public override void DataReceived(ReadOnlySpan<byte> data) => _transport!.Write(data);
    }

    private sealed class DatagramEcho : DatagramProtocol
    {
        private DatagramTransport? _transport;

        public override void ConnectionMade(DatagramTransport transport) => _transport = transport;

        public override void DatagramReceived(ReadOnlySpan<byte> data, EndPoint remoteEndPoint) => _transport!.SendTo(data, remoteEndPoint);
    }

    private sealed class FileSender(EventLoop loop, string path) : Protocol
    {
        public override void ConnectionMade(Transport transport) => loop.CreateTask(SendAsync(transport));

        private async Coroutine SendAsync(Transport transport)
        {
            using var file = File.OpenRead(path);
            await loop.SendFileAsync(transport, file);
            transport.Close();
        }
    }
}
