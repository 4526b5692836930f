using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.Echo;

/// <summary>The same without a loop: .NET's sockets, a <see cref="Task"/> to each connection, on the thread pool.</summary>
internal static class OnSockets
{
    private const int BufferSize = 128 * 1024;

    public static async Task ServeAsync(int port)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(1024);
        while (true)
            _ = EchoAsync(await listener.AcceptAsync());
    }

    private static async Task EchoAsync(Socket socket)
    {
        using var connection = socket;
        socket.NoDelay = true;
        var buffer = new byte[BufferSize];
        try
        {
            int count;
            while ((count = await socket.ReceiveAsync(buffer.AsMemory())) > 0)
            {
                for (var sent = 0; sent < count;)
                    sent += await socket.SendAsync(buffer.AsMemory(sent, count - sent));
            }
        }
        catch (SocketException)
        {
            // the peer is gone
        }
    }
}
