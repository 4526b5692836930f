using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

/// <summary>
/// The base of suites that use the real network of this machine: abstract tests, and one sealed class for each kind
/// of loop that has a network. The loop is closed after each test.
/// Nothing in them waits for a time; what hangs is stopped in the end, and fails.
/// </summary>
public abstract class OnNetwork(EventLoop loop) : EachLoop(loop)
{
    /// <summary>Runs a coroutine to its end.</summary>
    protected void Run(Func<Coroutine> main)
    {
        using var watchdog = new Timer(
            _ => Loop.CallSoonThreadsafe(Loop.Stop), null, Eventually.Patience + TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        Loop.RunUntilComplete(Call());

        // Called inside the loop, also where it is no async lambda.
        async Coroutine Call() => await main();
    }

    /// <summary>Starts a server of streams on a free port of 127.0.0.1.</summary>
    protected static Coroutine<Server> ServeAsync(Func<AsyncStreamReader, AsyncStreamWriter, Coroutine> handler, ServerOptions? options = null) =>
        Asyncio.StartServerAsync(handler, "127.0.0.1", 0, options);

    /// <summary>Starts a server of protocols on a free port of 127.0.0.1.</summary>
    protected static Coroutine<Server> ServeAsync(Func<StreamProtocol> factory, ServerOptions? options = null) =>
        EventLoop.Running.CreateServerAsync(factory, "127.0.0.1", 0, options);

    /// <summary>Connects streams to a server.</summary>
    protected static Coroutine<(AsyncStreamReader Reader, AsyncStreamWriter Writer)> ConnectAsync(Server server, ConnectionOptions? options = null) =>
        Asyncio.OpenConnectionAsync("127.0.0.1", Port(server), options);

    /// <summary>Connects a protocol to a server.</summary>
    protected static Coroutine<(Transport Transport, TProtocol Protocol)> ConnectAsync<TProtocol>(Server server, Func<TProtocol> factory)
        where TProtocol : StreamProtocol => EventLoop.Running.CreateConnectionAsync(factory, "127.0.0.1", Port(server));

    /// <summary>The port on which a server listens.</summary>
    protected static int Port(Server server) => ((IPEndPoint)server.Sockets[0].LocalEndPoint!).Port;

    /// <summary>A blocking socket connected to a server: a peer that is not ours.</summary>
    protected static Socket ConnectSocket(Server server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, Port(server));
        return socket;
    }

    /// <summary>Closes a socket so that its peer sees a reset.</summary>
    protected static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    /// <summary>A text of ASCII characters as it is sent.</summary>
    protected static byte[] Bytes(string text) => System.Text.Encoding.ASCII.GetBytes(text);

    /// <summary>Lets the loop go on until something holds.</summary>
    protected static Coroutine Until(Func<bool> condition) => Eventually.UntilOnLoop(condition);
}
