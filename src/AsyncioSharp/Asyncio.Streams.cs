using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

public static partial class Asyncio
{
    /// <summary>Connects to a host over TCP (<c>asyncio.open_connection()</c>).</summary>
    /// <param name="host">A name or an address; null for this machine.</param>
    /// <param name="port">The port.</param>
    /// <param name="options">How to connect.</param>
    /// <returns>The two sides of the connection. Close the writer, or put it into <c>await using</c>.</returns>
    /// <exception cref="ArgumentException">The options contradict each other or the host, or lack what TLS needs.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such port, or a number in the options is too small.</exception>
    /// <exception cref="SocketException">The name is unknown, or no address can be connected to.</exception>
    /// <exception cref="NotSupportedException">The loop has no network.</exception>
    public static Coroutine<(AsyncStreamReader Reader, AsyncStreamWriter Writer)> OpenConnectionAsync(
        string? host, int port, ConnectionOptions? options = null)
    {
        var loop = EventLoop.Running;
        options ??= new ConnectionOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Limit, nameof(options));
        loop.PrepareToConnect(host, port, options);
        return OpenAsync();

        async Coroutine<(AsyncStreamReader Reader, AsyncStreamWriter Writer)> OpenAsync() =>
            StreamsOf(await loop.CreateConnectionAsync(() => NewStream(options), host, port, options));
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
            throw new ArgumentException("There is nothing to connect to. Give a host and port, or set ConnectionOptions.Socket.", nameof(options));
        return OpenConnectionAsync(null, 0, options);
    }

    /// <summary>Listens for TCP connections on all addresses of a host (<c>asyncio.start_server()</c>).</summary>
    /// <param name="clientConnected">Handles a connection, in a task of its own. When it returns the connection stays open
    /// until it is closed; when it fails the loop's exception handler is told, and the connection closed.</param>
    /// <param name="host">A name or an address of this machine; null or empty for all of its addresses.</param>
    /// <param name="port">The port; 0 for a free one, which <see cref="Server.Sockets"/> tells.</param>
    /// <param name="options">How to listen.</param>
    /// <exception cref="ArgumentException">The options contradict each other or the host, or lack what TLS needs.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such port, or a number in the options is too small.</exception>
    /// <exception cref="SocketException">The name is unknown, or an address is in use or not this machine's.</exception>
    /// <exception cref="NotSupportedException">The loop has no network.</exception>
    public static Coroutine<Server> StartServerAsync(
        Func<AsyncStreamReader, AsyncStreamWriter, Coroutine> clientConnected, string? host, int port, ServerOptions? options = null) =>
        EventLoop.Running.CreateServerAsync(Streams(clientConnected, options), host, port, options);

    /// <summary>Listens for TCP connections on all addresses of several hosts (<c>asyncio.start_server()</c>).</summary>
    /// <inheritdoc cref="StartServerAsync(Func{AsyncStreamReader, AsyncStreamWriter, Coroutine}, string?, int, ServerOptions?)"/>
    /// <param name="clientConnected">Handles a connection, in a task of its own.</param>
    /// <param name="hosts">Names or addresses of this machine. An address that comes up twice counts once.</param>
    /// <param name="port">The port; 0 for a free one for each address.</param>
    /// <param name="options">How to listen.</param>
    [OverloadResolutionPriority(-1)] // null is a host
    public static Coroutine<Server> StartServerAsync(
        Func<AsyncStreamReader, AsyncStreamWriter, Coroutine> clientConnected, IEnumerable<string?> hosts, int port, ServerOptions? options = null) =>
        EventLoop.Running.CreateServerAsync(Streams(clientConnected, options), hosts, port, options);

    /// <summary>Connects to a Unix socket (<c>asyncio.open_unix_connection()</c>).</summary>
    /// <param name="path">The socket's file; or, on Linux, an abstract name, which begins with <c>\0</c>. Null with
    /// <see cref="ConnectionOptions.Socket"/>.</param>
    /// <param name="options">How to connect; what speaks of hosts and addresses does not apply.</param>
    /// <inheritdoc cref="OpenConnectionAsync(string?, int, ConnectionOptions?)" path="/returns"/>
    /// <exception cref="ArgumentException">There is neither a path nor a socket, or both; or the options lack what TLS needs.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number in the options is too small.</exception>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    /// <exception cref="NotSupportedException">The loop has no network, or the system no Unix sockets.</exception>
    public static Coroutine<(AsyncStreamReader Reader, AsyncStreamWriter Writer)> OpenUnixConnectionAsync(
        string? path, ConnectionOptions? options = null)
    {
        var loop = EventLoop.Running;
        options ??= new ConnectionOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Limit, nameof(options));
        loop.PrepareToConnect(path, options);
        return OpenAsync();

        async Coroutine<(AsyncStreamReader Reader, AsyncStreamWriter Writer)> OpenAsync() =>
            StreamsOf(await loop.CreateUnixConnectionAsync(() => NewStream(options), path, options));
    }

    /// <summary>Listens on a Unix socket (<c>asyncio.start_unix_server()</c>). The file of a socket that is there already is
    /// removed: most often a server left it behind.</summary>
    /// <param name="clientConnected">Handles a connection, in a task of its own. When it returns the connection stays open
    /// until it is closed; when it fails the loop's exception handler is told, and the connection closed.</param>
    /// <param name="path">The socket's file; or, on Linux, an abstract name, which begins with <c>\0</c>. Null with
    /// <see cref="ServerOptions.Socket"/>.</param>
    /// <param name="options">How to listen; what speaks of addresses and ports does not apply.</param>
    /// <exception cref="ArgumentException">There is neither a path nor a socket, or both; or the options lack what TLS needs.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number in the options is too small.</exception>
    /// <exception cref="SocketException">The path is that of another kind of file, or cannot be bound.</exception>
    /// <exception cref="NotSupportedException">The loop has no network, or the system no Unix sockets.</exception>
    public static Coroutine<Server> StartUnixServerAsync(
        Func<AsyncStreamReader, AsyncStreamWriter, Coroutine> clientConnected, string? path, ServerOptions? options = null) =>
        EventLoop.Running.CreateUnixServerAsync(Streams(clientConnected, options), path, options);

    /// <summary>Goes on with a connection that <see cref="AsyncStreamWriter.DetachAsync"/> has taken from its loop, on the running
    /// one.</summary>
    /// <param name="connection">The connection; it can be attached once.</param>
    /// <param name="options">Its <see cref="ConnectionOptions.Limit"/>; the rest does not apply.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not positive.</exception>
    /// <exception cref="InvalidOperationException">The connection was attached, or disposed of; or no loop runs here.</exception>
    /// <exception cref="NotSupportedException">This loop has no network.</exception>
    public static Coroutine<(AsyncStreamReader Reader, AsyncStreamWriter Writer)> AttachAsync(
        DetachedConnection connection, ConnectionOptions? options = null)
    {
        var loop = EventLoop.Running;
        ArgumentNullException.ThrowIfNull(connection);
        options ??= new ConnectionOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Limit, nameof(options));
        return ContinueAsync();

        async Coroutine<(AsyncStreamReader Reader, AsyncStreamWriter Writer)> ContinueAsync() =>
            StreamsOf(await loop.AttachAsync(() => NewStream(options), connection));
    }

    /// <summary>
    /// A .NET stream as the two sides of a connection, so that code for connections works with whatever has a <see cref="Stream"/>.
    /// The opposite is <see cref="AsyncStreamWriter.AsStream"/>. Closing the writer closes the stream.
    /// </summary>
    /// <param name="stream">The stream: to read, to write, or both. From now on it is the connection's.</param>
    /// <param name="leaveOpen">Whether it stays open when the writer is closed.</param>
    /// <param name="limit">How much the reader searches for a separator, and half of what it takes in before it holds the stream up.</param>
    /// <returns>The two sides.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not positive.</exception>
    /// <exception cref="InvalidOperationException">No loop runs here.</exception>
    public static (AsyncStreamReader Reader, AsyncStreamWriter Writer) FromStream(
        Stream stream, bool leaveOpen = false, int limit = ConnectionOptions.DefaultLimit)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return FromStreams(stream, stream, leaveOpen, limit);
    }

    /// <summary>A pair of pipes of <c>System.IO.Pipelines</c> as the two sides of a connection. The opposite is
    /// <see cref="AsyncStreamWriter.AsDuplexPipe"/>. Closing the writer completes both; <see cref="AsyncStreamWriter.WriteEof"/> the
    /// output.</summary>
    /// <param name="pipe">The pipes. From now on they are the connection's.</param>
    /// <param name="limit">How much the reader searches for a separator, and half of what it takes in before it holds the pipe up.</param>
    /// <returns>The two sides.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not positive.</exception>
    /// <exception cref="InvalidOperationException">No loop runs here.</exception>
    public static (AsyncStreamReader Reader, AsyncStreamWriter Writer) FromPipe(IDuplexPipe pipe, int limit = ConnectionOptions.DefaultLimit)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        return FromStreams(pipe.Input.AsStream(), pipe.Output.AsStream(), leaveOpen: false, limit);
    }

    private static StreamReaderProtocol NewStream(ConnectionOptions options) => new(new AsyncStreamReader(options.Limit));

    private static (AsyncStreamReader Reader, AsyncStreamWriter Writer) StreamsOf((Transport Transport, StreamReaderProtocol Protocol) connection) =>
        (connection.Protocol.Reader, new AsyncStreamWriter(connection.Transport, connection.Protocol, connection.Protocol.Reader));

    // The protocols of a server's connections.
    internal static Func<StreamProtocol> Streams(Func<AsyncStreamReader, AsyncStreamWriter, Coroutine> clientConnected, ServerOptions? options)
    {
        ArgumentNullException.ThrowIfNull(clientConnected);
        var loop = EventLoop.Running;
        var limit = (options ?? new ServerOptions()).Limit;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit, nameof(options));
        return () => new StreamReaderProtocol(new AsyncStreamReader(limit, loop), clientConnected);
    }

    private static (AsyncStreamReader Reader, AsyncStreamWriter Writer) FromStreams(Stream input, Stream output, bool leaveOpen, int limit)
    {
        var loop = EventLoop.Running;
        var reader = new AsyncStreamReader(limit, loop);
        var protocol = new StreamReaderProtocol(reader);
        return (reader, new AsyncStreamWriter(new ForeignStream(loop, protocol, input, output, leaveOpen), protocol, reader));
    }
}
