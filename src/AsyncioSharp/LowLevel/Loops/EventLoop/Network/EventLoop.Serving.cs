using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    private HashSet<Listener>? _listeners;

    /// <summary>The listening sockets, also those that do not accept at the moment.</summary>
    internal HashSet<Listener> Listeners => _listeners ??= [];

    /// <summary>There is one as soon as there are servers.</summary>
    internal SpareDescriptor? Spare { get; private set; }

    /// <summary>
    /// Listens for TCP connections on all addresses of a host (<c>loop.create_server()</c>).
    /// </summary>
    /// <param name="factory">Makes a protocol for each connection.</param>
    /// <param name="host">A name or an address of this machine; null or empty for all of its addresses.</param>
    /// <param name="port">The port; 0 for a free one, which <see cref="Server.Sockets"/> tells.</param>
    /// <param name="options">How to listen.</param>
    /// <exception cref="ArgumentException">The options contradict each other or the host, or lack what TLS needs.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such port, or a number in the options is too small.</exception>
    /// <exception cref="SocketException">The name is unknown, or an address is in use or not this machine's.</exception>
    /// <exception cref="NotSupportedException">This loop has no network, or the system cannot do what the options ask for.</exception>
    public Coroutine<Server> CreateServerAsync(Func<StreamProtocol> factory, string? host, int port, ServerOptions? options = null)
    {
        options ??= new ServerOptions();
        factory = PrepareToServe(factory, port, options);
        CheckHost(host, options);
        return options.Socket is { } socket ? ServeAsync(factory, [socket], options) : ServeHostsAsync(factory, [host], port, options);
    }

    /// <summary>
    /// Throws what <see cref="CreateServerAsync(Func{StreamProtocol}, string?, int, ServerOptions?)"/> throws of the arguments, on any thread.
    /// </summary>
    internal static void CheckToServe(string? host, int port, ServerOptions options)
    {
        CheckToServe(port, options);
        CheckHost(host, options);
        if (options.Tls is not null)
            TlsOfServer(options);
    }

    /// <summary>Listens for TCP connections on all addresses of several hosts (<c>loop.create_server()</c>).</summary>
    /// <inheritdoc cref="CreateServerAsync(Func{StreamProtocol}, string?, int, ServerOptions?)"/>
    /// <param name="factory">Makes a protocol for each connection.</param>
    /// <param name="hosts">Names or addresses of this machine. An address that comes up twice counts once.</param>
    /// <param name="port">The port; 0 for a free one for each address.</param>
    /// <param name="options">How to listen.</param>
    [OverloadResolutionPriority(-1)] // null is a host
    public Coroutine<Server> CreateServerAsync(Func<StreamProtocol> factory, IEnumerable<string?> hosts, int port, ServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        options ??= new ServerOptions();
        factory = PrepareToServe(factory, port, options);
        string?[] all = [.. hosts];
        if (all.Length == 0)
            throw new ArgumentException("At least one host is needed; null stands for all addresses of this machine.", nameof(hosts));
        if (options.Socket is not null)
            throw new ArgumentException("Either hosts or a bound socket are given, not both.", nameof(options));
        return ServeHostsAsync(factory, all, port, options);
    }

    // What makes the protocols of a server's connections.
    private Func<StreamProtocol> PrepareToServe(Func<StreamProtocol> factory, int port, ServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(factory);
        CheckNetwork();
        CheckToServe(port, options);
        if (options.ReusePort)
            PortSharing.CheckSupported();
        return options.Tls is null ? factory : OverTls(factory, options);
    }

    private static void CheckToServe(int port, ServerOptions options)
    {
        CheckPort(port);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Backlog, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxConnections ?? 1, nameof(options));
        if (options.Tls is null)
            TlsOptions.CheckUnused(options.TlsHandshakeTimeout, options.TlsShutdownTimeout);
    }

    private static void CheckHost(string? host, ServerOptions options)
    {
        if (options.Socket is not { } socket)
            return;
        if (host is not null)
            throw new ArgumentException("Either a host or a bound socket is given, not both.", nameof(options));
        CheckStream(socket, nameof(options));
    }

    private async Coroutine<Server> ServeHostsAsync(Func<StreamProtocol> factory, string?[] hosts, int port, ServerOptions options)
    {
        List<IPEndPoint> addresses = [];
        foreach (var host in hosts)
        {
            addresses.AddRange(string.IsNullOrEmpty(host)
                ? EndPoints([IPAddress.Any, IPAddress.IPv6Any], port, options.AddressFamily, "every address")
                : await GetAddressInfoAsync(host, port, options.AddressFamily));
        }
        return await ServeAsync(factory, BindAll(addresses, options), options);
    }

    private async Coroutine<Server> ServeAsync(Func<StreamProtocol> factory, List<Socket> sockets, ServerOptions options)
    {
        try
        {
            foreach (var socket in sockets)
                SetUp(socket, options);
        }
        catch
        {
            sockets.ForEach(static socket => socket.Dispose());
            throw;
        }
        // A server can run out of descriptors, and must still be able to report it.
        _ = Console.Error;
        Spare ??= new SpareDescriptor();
        var server = new Server(this, options) { Factory = factory };
        server.AddListeners(sockets.ConvertAll(socket => Listen(server, socket, factory, options)));
        if (options.StartServing)
        {
            try
            {
                await server.StartServingAsync();
            }
            catch
            {
                server.Close();
                throw;
            }
        }
        return server;
    }

    // Accepted sockets inherit the options.
    private static void SetUp(Socket socket, ServerOptions options)
    {
        socket.Blocking = false;
        if (socket.ProtocolType == ProtocolType.Tcp)
            socket.NoDelay = true;
        if (options.KeepAlive)
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
    }

    /// <summary>Prepares to accept on a bound socket.</summary>
    private protected virtual Listener Listen(Server server, Socket socket, Func<StreamProtocol> factory, ServerOptions options) => throw NoNetwork();

    /// <summary>Prepares to accept on the socket of another loop's listener, which has let it go.</summary>
    internal Listener TakeOver(Listener other, Server server, Func<StreamProtocol> factory, ServerOptions options)
    {
        // The file goes along: to look for it again may fail, for the program may have changed its directory, and removed it.
        var listener = Listen(server, other.Socket, factory, options with { CleanUpSocket = false });
        listener.TakeOver(other);
        return listener;
    }

    private void CloseListeners()
    {
        if (_listeners is { Count: > 0 } listeners)
            CloseAll(listeners);
        Spare?.Dispose();
    }

    private void CloseAll(HashSet<Listener> listeners)
    {
        foreach (var listener in listeners)
        {
            ReportNeverClosed(listener);
            listener.OnLoopClosing();
        }
        listeners.Clear();
    }
}
