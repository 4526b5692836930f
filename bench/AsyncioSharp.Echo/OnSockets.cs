using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.Echo;

/// <summary>The same without a loop: .NET's sockets, a <see cref="Task"/> to each connection, on the thread pool.</summary>
internal static class OnSockets
{
    private const int BufferSize = 128 * 1024;

    /// <summary>Has each connection served.</summary>
    public static async Task ServeAsync(int port, Func<Socket, Task> serve)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(1024);
        while (true)
            _ = ServeAsync(await listener.AcceptAsync(), serve);
    }

    /// <summary>Sends back what has come, as it has come.</summary>
    public static async Task EchoAsync(Socket socket)
    {
        var buffer = new byte[BufferSize];
        int count;
        while ((count = await socket.ReceiveAsync(buffer.AsMemory())) > 0)
        {
            for (var sent = 0; sent < count;)
                sent += await socket.SendAsync(buffer.AsMemory(sent, count - sent));
        }
    }

    /// <summary>Answers each request of so many bytes by itself.</summary>
    public static async Task AnswerAsync(Socket socket, int size)
    {
        using var stream = new NetworkStream(socket);
        var request = new byte[size];
        while (true)
        {
            await stream.ReadExactlyAsync(request);
            await stream.WriteAsync(request);
        }
    }

    private static async Task ServeAsync(Socket socket, Func<Socket, Task> serve)
    {
        using var connection = socket;
        socket.NoDelay = true;
        try
        {
            await serve(socket);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // the peer is gone
        }
    }
}
