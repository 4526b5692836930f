using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

public static partial class Asyncio
{
    /// <summary>Connects to a host over TCP (<c>asyncio.open_connection()</c>).</summary>
    /// <param name="host">A name or an address; null for this machine.</param>
    /// <param name="port">The port.</param>
    /// <param name="options">How to connect.</param>
    /// <returns>The two sides of the connection. Close the writer, or put it into <c>await using</c>.</returns>
    /// <exception cref="SocketException">The name is unknown, or no address can be connected to.</exception>
    /// <exception cref="NotSupportedException">The loop has no network.</exception>
    public static Coroutine<(AsyncStreamReader Reader, AsyncStreamWriter Writer)> OpenConnectionAsync(
        string? host, int port, ConnectionOptions? options = null)
    {
        var loop = EventLoop.Running;
        var reader = new AsyncStreamReader((options ?? new ConnectionOptions()).Limit, loop);
        return Open(loop.CreateConnectionAsync(() => new StreamReaderProtocol(reader), host, port, options));

        static async Coroutine<(AsyncStreamReader Reader, AsyncStreamWriter Writer)> Open(Coroutine<(Transport, StreamReaderProtocol)> connection)
        {
            var (transport, protocol) = await connection;
            return (protocol.Reader, new AsyncStreamWriter(transport, protocol, protocol.Reader));
        }
    }

    /// <summary>Connects over a socket that is connected already (<c>asyncio.open_connection(sock=…)</c>).</summary>
    /// <param name="options">The socket, and how to use it.</param>
    /// <inheritdoc cref="OpenConnectionAsync(string?, int, ConnectionOptions?)" path="/returns"/>
    /// <exception cref="ArgumentException">The options hold no socket.</exception>
    /// <exception cref="NotSupportedException">The loop has no network.</exception>
    public static Coroutine<(AsyncStreamReader Reader, AsyncStreamWriter Writer)> OpenConnectionAsync(ConnectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Socket is null)
            throw new ArgumentException("Without a host there must be a socket.", nameof(options));
        return OpenConnectionAsync(null, 0, options);
    }

    /// <summary>Listens for TCP connections on all addresses of a host (<c>asyncio.start_server()</c>).</summary>
    /// <param name="clientConnected">Handles a connection, in a task of its own. When it returns the connection stays open
    /// until it is closed; when it fails the loop's exception handler is told, and the connection closed.</param>
    /// <param name="host">A name or an address of this machine; null or empty for all of its addresses.</param>
    /// <param name="port">The port; 0 for a free one, which <see cref="Server.Sockets"/> tells.</param>
    /// <param name="options">How to listen.</param>
    /// <exception cref="SocketException">The name is unknown, or an address is in use or not this machine's.</exception>
    /// <exception cref="NotSupportedException">The loop has no network.</exception>
    public static Coroutine<Server> StartServerAsync(
        Func<AsyncStreamReader, AsyncStreamWriter, Coroutine> clientConnected, string? host, int port, ServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(clientConnected);
        var loop = EventLoop.Running;
        var limit = (options ?? new ServerOptions()).Limit;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit, nameof(options));
        return loop.CreateServerAsync(
            () => new StreamReaderProtocol(new AsyncStreamReader(limit, loop), clientConnected), host, port, options);
    }
}
