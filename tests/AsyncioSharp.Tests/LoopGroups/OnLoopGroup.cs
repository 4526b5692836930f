using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

/// <summary>The base of suites about groups of loops: abstract tests, and one sealed class for each kind of loop.</summary>
public abstract class OnLoopGroup
{
    private protected List<ExceptionContext> Reports { get; } = [];

    protected abstract EventLoop NewLoop();

    /// <summary>Starts a group whose loops report here.</summary>
    protected LoopGroup Start(int count = 2, TimeSpan? patience = null) => LoopGroup.Start(Options(count) with { CancelPatience = patience ?? Patience });

    protected LoopGroupOptions Options(int count) => new()
    {
        Count = count,
        Runner = new RunnerOptions { LoopFactory = MakeLoop, HandleInterrupt = false },
    };

    protected static Socket Connect(EndPoint endPoint)
    {
        var socket = endPoint.AddressFamily == AddressFamily.Unix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(endPoint);
        socket.ReceiveTimeout = (int)Patience.TotalMilliseconds;
        return socket;
    }

    /// <summary>Serves a connection: tells which loop it is that does.</summary>
    protected static async Coroutine TellPlaceAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        await using (writer)
        {
            writer.Write([(byte)LoopGroup.CurrentPlace]);
            await writer.DrainAsync();
            await reader.ReadAsync();
        }
    }

    /// <summary>Receives so many bytes.</summary>
    protected static byte[] Receive(Socket socket, int count)
    {
        var bytes = new byte[count];
        for (var got = 0; got < count;)
        {
            var more = socket.Receive(bytes.AsSpan(got));
            Assert.True(more > 0, "the connection has ended");
            got += more;
        }
        return bytes;
    }

    private EventLoop MakeLoop()
    {
        var loop = NewLoop();
        loop.ExceptionHandler = (_, report) =>
        {
            lock (Reports)
                Reports.Add(report);
        };
        return loop;
    }
}
