using System.Net;
using System.Net.Security;
using AsyncioSharp.Bench;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Load;

/// <summary>What serves a connection.</summary>
internal enum Kind
{
    Protocol,
    Streams,
    Tls,
}

/// <summary>The echo server and its client, for each kind.</summary>
internal static class Kinds
{
    public static bool TryParse(string name, out Kind kind) => Enum.TryParse(name, ignoreCase: true, out kind);

    public static Coroutine<Server> ServeAsync(Kind kind)
    {
        var options = new ServerOptions { Backlog = 4096 };
        return kind switch
        {
            Kind.Protocol => EventLoop.Running.CreateServerAsync(() => new Echo(), "127.0.0.1", 0, options),
            Kind.Streams => Asyncio.StartServerAsync(EchoAsync, "127.0.0.1", 0, options),
            _ => EventLoop.Running.CreateServerAsync(() => new Echo(), "127.0.0.1", 0, options with
            {
                Tls = new SslServerAuthenticationOptions { ServerCertificate = Certificate.Make() },
            }),
        };
    }

    public static int Port(Server server) => ((IPEndPoint)server.Sockets[0].LocalEndPoint!).Port;

    public static Coroutine<(AsyncStreamReader Reader, AsyncStreamWriter Writer)> ConnectAsync(Kind kind, int port) =>
        Asyncio.OpenConnectionAsync("127.0.0.1", port, new ConnectionOptions
        {
            Tls = kind != Kind.Tls ? null : new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                RemoteCertificateValidationCallback = static (_, _, _, _) => true, // what is measured is the server
            },
        });

    private static async Coroutine EchoAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        try
        {
            while (true)
            {
                await reader.WaitForDataAsync(); // without a buffer
                var data = await reader.ReadAsync(64 * 1024);
                if (data.Length == 0)
                    break;
                writer.Write(data);
                await writer.DrainAsync();
            }
        }
        catch (IOException)
        {
            // The client has vanished.
        }
        await writer.DisposeAsync();
    }

    private sealed class Echo : Protocol
    {
        private Transport? _transport;

        public override void ConnectionMade(Transport transport) => _transport = transport;

        public override void DataReceived(ReadOnlySpan<byte> data) => _transport!.Write(data);
    }
}
