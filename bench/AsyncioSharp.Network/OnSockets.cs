using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace AsyncioSharp.Network;

/// <summary>The same servers as one would write them with .NET's sockets.</summary>
internal static class OnSockets
{
    public static Task ServeAsync(string kind, int port, string file) => kind == "udp" ? EchoDatagramsAsync(port) : AcceptAsync(kind, port, file);

    private static async Task AcceptAsync(string kind, int port, string file)
    {
        var certificate = kind == "tls" ? Certificate.Load(file) : null;
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(1024);
        for (; ; )
        {
            var socket = await listener.AcceptAsync();
            socket.NoDelay = true;
            _ = kind switch
            {
                "tls" => EchoTlsAsync(socket, certificate!),
                "file" => SendFileAsync(socket, file),
                _ => EchoAsync(socket),
            };
        }
    }

    private static async Task EchoAsync(Socket socket)
    {
        using (socket)
        {
            var buffer = new byte[4096];
            try
            {
                int count;
                while ((count = await socket.ReceiveAsync(buffer)) > 0)
                    await socket.SendAsync(buffer.AsMemory(0, count));
            }
            catch (SocketException)
            {
                // the peer is gone
            }
        }
    }

    private static async Task EchoTlsAsync(Socket socket, System.Security.Cryptography.X509Certificates.X509Certificate2 certificate)
    {
        await using var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate });
            var buffer = new byte[64 * 1024];
            int count;
            while ((count = await stream.ReadAsync(buffer)) > 0)
                await stream.WriteAsync(buffer.AsMemory(0, count));
        }
        catch (IOException)
        {
            // the peer is gone
        }
    }

    private static async Task SendFileAsync(Socket socket, string file)
    {
        using (socket)
            await socket.SendFileAsync(file);
    }

    private static async Task EchoDatagramsAsync(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        var buffer = new byte[2048];
        var from = new SocketAddress(AddressFamily.InterNetwork);
        for (; ; )
        {
            var count = await socket.ReceiveFromAsync(buffer, SocketFlags.None, from);
            await socket.SendToAsync(buffer.AsMemory(0, count), SocketFlags.None, from);
        }
    }
}
