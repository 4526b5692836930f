using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    private static TimeSpan ShortestRetry => TimeSpan.FromMilliseconds(1);

    private static TimeSpan LongestRetry => TimeSpan.FromMilliseconds(50);

    /// <summary>Connects to a Unix socket (<c>loop.create_unix_connection()</c>).</summary>
    /// <typeparam name="TProtocol">The protocol's type.</typeparam>
    /// <param name="factory">Makes the protocol, once the connection stands.</param>
    /// <param name="path">The socket's file; or, on Linux, an abstract name, which begins with <c>\0</c>. Null with
    /// <see cref="ConnectionOptions.Socket"/>.</param>
    /// <param name="options">How to connect; what speaks of hosts and addresses does not apply.</param>
    /// <returns>The transport, and the protocol, which was told of the connection.</returns>
    /// <exception cref="ArgumentException">There is neither a path nor a socket, or both; the path is too long; or the socket
    /// is no Unix stream socket.</exception>
    /// <exception cref="InvalidOperationException">The socket belongs to a transport or server of this loop already.</exception>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    /// <exception cref="NotSupportedException">This loop has no network, or the system no Unix sockets.</exception>
    public Coroutine<(Transport Transport, TProtocol Protocol)> CreateUnixConnectionAsync<TProtocol>(
        Func<TProtocol> factory, string? path, ConnectionOptions? options = null)
        where TProtocol : StreamProtocol
    {
        ArgumentNullException.ThrowIfNull(factory);
        options ??= new ConnectionOptions();
        if (PrepareToConnect(path, options) is { } tls)
            return ConnectOverTlsAsync(factory, tls, layered => CreateUnixConnectionAsync(layered, path, options.WithoutTls));
        return options.Socket is null
            ? ConnectToPathAsync(factory, new UnixDomainSocketEndPoint(path!))
            : StartConnectionAsync(factory, options.Socket, isOwn: false, remote: null);
    }

    /// <summary>Throws what <see cref="CreateUnixConnectionAsync"/> throws at the call.</summary>
    /// <returns>How to make TLS; null if it is not asked for.</returns>
    internal TlsOptions? PrepareToConnect(string? path, ConnectionOptions options)
    {
        CheckNetwork();
        CheckToConnect(path, options);
        return ClientTls(null, options);
    }

    /// <summary>Throws what of that concerns the arguments.</summary>
    internal static void CheckToConnect(string? path, ConnectionOptions options)
    {
        if (IsUnixPath(path, options.Socket, nameof(options)))
            _ = new UnixDomainSocketEndPoint(path!); // it may be too long
    }

    /// <summary>Listens on a Unix socket (<c>loop.create_unix_server()</c>). The file of a socket that is there already is
    /// removed: most often a server left it behind.</summary>
    /// <param name="factory">Makes a protocol for each connection.</param>
    /// <param name="path">The socket's file; or, on Linux, an abstract name, which begins with <c>\0</c>. Null with
    /// <see cref="ServerOptions.Socket"/>.</param>
    /// <param name="options">How to listen; what speaks of addresses and ports does not apply.</param>
    /// <exception cref="ArgumentException">There is neither a path nor a socket, or both; the path is too long; or the socket
    /// is no Unix stream socket.</exception>
    /// <exception cref="SocketException">The path is that of another kind of file, or cannot be bound.</exception>
    /// <exception cref="NotSupportedException">This loop has no network, or the system no Unix sockets.</exception>
    public Coroutine<Server> CreateUnixServerAsync(Func<StreamProtocol> factory, string? path, ServerOptions? options = null)
    {
        options ??= new ServerOptions();
        factory = PrepareToServe(factory, 0, options);
        return IsUnixPath(path, options.Socket, nameof(options))
            ? ServePathAsync(factory, new UnixSocketName(path!), path!, options)
            : ServeAsync(factory, [options.Socket!], options);
    }

    /// <summary>Throws what <see cref="CreateUnixServerAsync"/> throws of the arguments, on any thread.</summary>
    internal static void CheckToServeUnix(string? path, ServerOptions options)
    {
        CheckToServe(0, options);
        if (options.Tls is not null)
            TlsOfServer(options);
        if (IsUnixPath(path, options.Socket, nameof(options)))
            _ = new UnixSocketName(path!); // it may be too long
    }

    private async Coroutine<(Transport Transport, TProtocol Protocol)> ConnectToPathAsync<TProtocol>(
        Func<TProtocol> factory, UnixDomainSocketEndPoint remote)
        where TProtocol : StreamProtocol
    {
        for (var delay = ShortestRetry; ; delay = delay * 2 < LongestRetry ? delay * 2 : LongestRetry)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await ConnectAsync(socket, remote);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
            {
                // The server's queue is full. The system would wait until it is not, but tells nobody who does not.
                socket.Dispose();
                await Coroutine.Sleep(delay);
                continue;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
            return await StartConnectionAsync(factory, socket, isOwn: true, remote);
        }
    }

    private async Coroutine<Server> ServePathAsync(Func<StreamProtocol> factory, UnixSocketName name, string path, ServerOptions options)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (path[0] != '\0')
                RemoveStale(path);
            socket.Bind(name);
            // Nobody can connect before the socket listens.
            if (options.UnixFileMode is { } mode && path[0] != '\0' && !OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, mode);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            // .NET tells a missing directory as an address that cannot be assigned.
            var reason = path[0] != '\0' && Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder)
                ? $"there is no directory '{folder}'"
                : e.Message;
            throw new SocketException((int)e.SocketErrorCode, $"The server cannot listen on {name}: {reason}");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        return await ServeAsync(factory, [socket], options);
    }

    private void RemoveStale(string path)
    {
        try
        {
            UnixSocketFile.RemoveStale(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Report(LogLevel.Error, $"What is at {path} cannot be removed, so that the server cannot listen there.",
                e, ReportKind.SocketFileNotRemoved);
        }
    }

    private static bool IsUnixPath(string? path, Socket? socket, string parameter)
    {
        if (!Socket.OSSupportsUnixDomainSockets)
            throw new PlatformNotSupportedException("This system has no Unix sockets.");
        if (socket is null)
        {
            ArgumentException.ThrowIfNullOrEmpty(path);
            return true;
        }
        if (path is not null)
            throw new ArgumentException("Either a path or a socket is given, not both.", nameof(path));
        if (socket.AddressFamily != AddressFamily.Unix || socket.SocketType != SocketType.Stream)
        {
            throw new ArgumentException(
                $"A Unix stream socket is needed; this one is of the family {socket.AddressFamily} and the type {socket.SocketType}.", parameter);
        }
        return false;
    }
}
