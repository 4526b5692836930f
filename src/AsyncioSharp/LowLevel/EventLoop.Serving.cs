using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    /// <summary>The listening sockets, also those that do not accept at the moment.</summary>
    internal readonly HashSet<Listener> Listeners = [];

    private const int SocketLevel = 1; // SOL_SOCKET on Linux
    private const int ReusePortOption = 15; // SO_REUSEPORT on Linux

    /// <summary>There is one as soon as there are servers.</summary>
    internal SpareDescriptor? Spare { get; private set; }

    /// <summary>
    /// Listens for TCP connections on all addresses of a host (<c>loop.create_server()</c>).
    /// </summary>
    /// <param name="factory">Makes a protocol for each connection.</param>
    /// <param name="host">A name or an address of this machine; null or empty for all of its addresses.</param>
    /// <param name="port">The port; 0 for a free one, which <see cref="Server.Sockets"/> tells.</param>
    /// <param name="options">How to listen.</param>
    /// <exception cref="SocketException">The name is unknown, or an address is in use or not this machine's.</exception>
    /// <exception cref="NotSupportedException">This loop has no network.</exception>
    public Coroutine<Server> CreateServerAsync(Func<StreamProtocol> factory, string? host, int port, ServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(factory);
        options ??= new ServerOptions();
        CheckNetwork();
        CheckPort(port);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Backlog, 0, nameof(options));
        if (options.Tls is not null)
            return CreateServerAsync(OverTls(factory, options), host, port, options with { Tls = null });
        if (options.Socket is { } socket)
        {
            if (host is not null)
                throw new ArgumentException("Either a host or a bound socket is given, not both.", nameof(options));
            CheckStream(socket);
        }
        return StartServerAsync(factory, host, port, options);
    }

    private async Coroutine<Server> StartServerAsync(Func<StreamProtocol> factory, string? host, int port, ServerOptions options)
    {
        List<Socket> sockets;
        if (options.Socket is not null)
            sockets = [options.Socket];
        else if (string.IsNullOrEmpty(host))
            sockets = BindAll(EndPoints([IPAddress.Any, IPAddress.IPv6Any], port, options.AddressFamily, "every address"), options);
        else
            sockets = BindAll(await GetAddressInfoAsync(host, port, options.AddressFamily), options);
        foreach (var socket in sockets)
        {
            socket.Blocking = false;
            if (socket.ProtocolType == ProtocolType.Tcp)
                socket.NoDelay = true; // which accepted sockets inherit
        }
        // A server can run out of descriptors, and must still be able to report it.
        _ = Console.Error;
        Spare ??= new SpareDescriptor();
        var server = new Server(this, options.Backlog);
        server.AddListeners(sockets.ConvertAll(socket => Listen(server, socket, factory, options.Backlog)));
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

    /// <summary>Prepares to accept on a bound socket.</summary>
    private protected virtual Listener Listen(Server server, Socket socket, Func<StreamProtocol> factory, int backlog) => throw NoNetwork();

    private void CloseListeners()
    {
        foreach (var listener in Listeners)
            listener.OnLoopClosing();
        Listeners.Clear();
        Spare?.Dispose();
    }

    private List<Socket> BindAll(IPEndPoint[] addresses, ServerOptions options)
    {
        var sockets = new List<Socket>();
        SocketException? unavailable = null;
        try
        {
            foreach (var address in addresses.Distinct())
            {
                try
                {
                    sockets.Add(Bind(address, options));
                }
                catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable)
                {
                    // A name may have addresses that this machine does not, or not at the moment.
                    unavailable = e;
                    if (Debug)
                        Report(LogLevel.Warning, $"The server does not listen on {address}: {e.Message}");
                }
            }
            return sockets.Count > 0 ? sockets : throw unavailable!;
        }
        catch
        {
            sockets.ForEach(static socket => socket.Dispose());
            throw;
        }
    }

    private static Socket Bind(IPEndPoint address, ServerOptions options)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // Where both families are bound each has a socket of its own.
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = false;
            if (options.ReusePort)
                socket.SetRawSocketOption(SocketLevel, ReusePortOption, BitConverter.GetBytes(1));
            socket.Bind(address); // which sets SO_REUSEADDR, as asyncio does
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new SocketException((int)e.SocketErrorCode, $"The server cannot listen on {address}: {e.Message}");
        }
    }
}
