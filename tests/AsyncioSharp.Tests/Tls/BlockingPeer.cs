using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Tls;

/// <summary>A peer that is not ours: .NET's own streams, blocking, on a thread of its own.</summary>
internal sealed class BlockingPeer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    /// <summary>Listens, and serves a number of connections, one after the other.</summary>
    /// <param name="serve">What is done with each. The connection is closed afterwards.</param>
    /// <param name="count">How many.</param>
    public BlockingPeer(Action<NetworkStream> serve, int count = 1)
    {
        _listener.Start();
        Done = OnThread(() =>
        {
            for (var i = 0; i < count; i++)
            {
                using var stream = new NetworkStream(_listener.AcceptSocket(), ownsSocket: true);
                serve(stream);
            }
        });
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Its end, with what went wrong.</summary>
    public Task Done { get; }

    /// <summary>Connects to a server, and does something with the connection.</summary>
    public static Task Connect(Server server, Action<NetworkStream> use)
    {
        var address = (IPEndPoint)server.Sockets[0].LocalEndPoint!;
        return OnThread(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(address);
            using var stream = new NetworkStream(socket, ownsSocket: true);
            use(stream);
        });
    }

    /// <summary>Makes TLS over a connection, as its server.</summary>
    public static SslStream Serve(Stream stream)
    {
        var tls = new SslStream(stream);
        tls.AuthenticateAsServer(Certificates.Server);
        return tls;
    }

    /// <summary>Makes TLS over a connection, as its client.</summary>
    public static SslStream Connect(Stream stream)
    {
        var tls = new SslStream(stream);
        tls.AuthenticateAsClient(Certificates.Client);
        return tls;
    }

    /// <summary>Says that it will send no more.</summary>
    public static void SendCloseNotify(SslStream tls) => tls.ShutdownAsync().GetAwaiter().GetResult();

    /// <summary>Reads so many bytes.</summary>
    public static byte[] Read(Stream stream, int count)
    {
        var data = new byte[count];
        stream.ReadExactly(data);
        return data;
    }

    /// <summary>Reads to the end, which may be a reset.</summary>
    /// <returns>How many bytes that were.</returns>
    public static int Drain(Stream stream)
    {
        var buffer = new byte[64 * 1024];
        var total = 0;
        int count;
        try
        {
            while ((count = stream.Read(buffer)) > 0)
                total += count;
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
        }
        return total;
    }

    public void Dispose() => _listener.Dispose();

    private static Task OnThread(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
