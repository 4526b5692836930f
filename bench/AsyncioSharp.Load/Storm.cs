using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.Load;

/// <summary>Connections made and dropped as fast as a thread can, while a client in good standing is served.</summary>
internal static class Storm
{
    public static async Coroutine<int> RunAsync(Kind kind, int count)
    {
        await using var server = await Kinds.ServeAsync(kind);
        var port = Kinds.Port(server);
        var (reader, writer) = await Kinds.ConnectAsync(kind, port);
        var waits = new List<double>();
        await PingAsync(reader, writer);
        var managed = Idle.Managed();

        var storm = Task.Factory.StartNew(() => Drop(port, count), TaskCreationOptions.LongRunning);
        var watch = Stopwatch.StartNew();
        while (!storm.IsCompleted)
        {
            waits.Add(await PingAsync(reader, writer));
            await Asyncio.Sleep(0.001);
        }
        var made = await storm;
        Console.WriteLine($"{made} connections over {kind} made and dropped in {watch.Elapsed.TotalSeconds:0.00} s");
        waits.Sort();
        Console.WriteLine($"another client was served {waits.Count} times: median {waits[waits.Count / 2]:0.00} ms, longest {waits[^1]:0.00} ms");
        for (var i = 0; server.ClientCount > 1 && i < 100; i++)
            await Asyncio.Sleep(0.1);
        Console.WriteLine($"connections left: {server.ClientCount - 1}; managed bytes more than before: {Idle.Managed() - managed}");
        var left = server.ClientCount - 1;
        await writer.DisposeAsync();
        return left == 0 ? 0 : 1;
    }

    private static async Coroutine<double> PingAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        var watch = Stopwatch.StartNew();
        writer.Write("x"u8);
        await reader.ReadExactlyAsync(1);
        return watch.Elapsed.TotalMilliseconds;
    }

    // As many at a time as a process may hold, half of them with a reset.
    private static int Drop(int port, int count)
    {
        var sockets = new Queue<Socket>();
        for (var i = 0; i < count; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            if (i % 2 == 0)
                socket.LingerState = new LingerOption(true, 0);
            socket.Connect(IPAddress.Loopback, port);
            sockets.Enqueue(socket);
            if (sockets.Count > 4000)
                sockets.Dequeue().Dispose();
        }
        foreach (var socket in sockets)
            socket.Dispose();
        return count;
    }
}
