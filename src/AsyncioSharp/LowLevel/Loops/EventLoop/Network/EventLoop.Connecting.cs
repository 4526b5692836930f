using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    /// <summary>
    /// Connects to a host over TCP (<c>loop.create_connection()</c>). The addresses of the host are tried one after another,
    /// or with <see cref="ConnectionOptions.HappyEyeballsDelay"/> in a race.
    /// </summary>
    /// <typeparam name="TProtocol">The protocol's type.</typeparam>
    /// <param name="factory">Makes the protocol, once the connection stands.</param>
    /// <param name="host">A name or an address; null for this machine.</param>
    /// <param name="port">The port.</param>
    /// <param name="options">How to connect.</param>
    /// <returns>The transport, and the protocol, which was told of the connection.</returns>
    /// <exception cref="ArgumentException">The options contradict each other or the host, or lack what TLS needs.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such port, or a number in the options is too small.</exception>
    /// <exception cref="InvalidOperationException">The socket belongs to a transport or server of this loop already.</exception>
    /// <exception cref="SocketException">The name is unknown, or no address can be connected to.</exception>
    /// <exception cref="AggregateException">No address can be connected to, and all failures were asked for
    /// (<see cref="ConnectionOptions.AllErrors"/>).</exception>
    /// <exception cref="NotSupportedException">This loop has no network.</exception>
    public Coroutine<(Transport Transport, TProtocol Protocol)> CreateConnectionAsync<TProtocol>(
        Func<TProtocol> factory, string? host, int port, ConnectionOptions? options = null)
        where TProtocol : StreamProtocol
    {
        ArgumentNullException.ThrowIfNull(factory);
        options ??= new ConnectionOptions();
        if (PrepareToConnect(host, port, options) is { } tls)
            return ConnectOverTlsAsync(factory, tls, layered => CreateConnectionAsync(layered, host, port, options.WithoutTls));
        return options.Socket is null
            ? ConnectToHostAsync(factory, host, port, options)
            : StartConnectionAsync(factory, options.Socket, isOwn: false, remote: null);
    }

    /// <summary>Throws what <see cref="CreateConnectionAsync"/> throws at the call.</summary>
    /// <returns>How to make TLS; null if it is not asked for.</returns>
    internal TlsOptions? PrepareToConnect(string? host, int port, ConnectionOptions options)
    {
        CheckNetwork();
        CheckToConnect(host, port, options);
        return ClientTls(host, options);
    }

    /// <summary>Throws what of that concerns the arguments.</summary>
    internal static void CheckToConnect(string? host, int port, ConnectionOptions options)
    {
        CheckPort(port);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Interleave ?? 0, nameof(options));
        if (options.Socket is { } socket)
        {
            if (host is not null || options.LocalEndPoint is not null)
            {
                throw new ArgumentException(
                    "Either a host or a connected socket is given, not both; a socket has its local address already.", nameof(options));
            }
            CheckStream(socket, nameof(options));
        }
    }

    private static TlsOptions? ClientTls(string? host, ConnectionOptions options)
    {
        if (options.Tls is { } tls)
            return TlsOptions.ForClient(tls, host, options.TlsHandshakeTimeout, options.TlsShutdownTimeout);
        TlsOptions.CheckUnused(options.TlsHandshakeTimeout, options.TlsShutdownTimeout);
        return null;
    }

    /// <summary>
    /// Makes the transport of a connection that was accepted elsewhere (<c>loop.connect_accepted_socket()</c>).
    /// </summary>
    /// <typeparam name="TProtocol">The protocol's type.</typeparam>
    /// <param name="factory">Makes the protocol.</param>
    /// <param name="socket">The connected socket. The connection takes it over: it is closed with it.</param>
    /// <param name="options">How it is served; what speaks of listening does not apply.</param>
    /// <returns>The transport, and the protocol, which was told of the connection.</returns>
    /// <exception cref="ArgumentException">The socket does not carry a stream.</exception>
    /// <exception cref="InvalidOperationException">The socket belongs to a transport or server of this loop already.</exception>
    /// <exception cref="NotSupportedException">This loop has no network.</exception>
    public Coroutine<(Transport Transport, TProtocol Protocol)> ConnectAcceptedSocketAsync<TProtocol>(
        Func<TProtocol> factory, Socket socket, ServerOptions? options = null)
        where TProtocol : StreamProtocol
    {
        ArgumentNullException.ThrowIfNull(factory);
        ArgumentNullException.ThrowIfNull(socket);
        CheckNetwork();
        CheckStream(socket, nameof(socket));
        if (options?.Tls is not null)
        {
            return ConnectOverTlsAsync(
                factory, TlsOptions.ForServer(options.Tls, options.TlsHandshakeTimeout, options.TlsShutdownTimeout),
                layered => ConnectAcceptedSocketAsync(layered, socket, options.WithoutTls));
        }
        TlsOptions.CheckUnused(options?.TlsHandshakeTimeout, options?.TlsShutdownTimeout);
        if (options?.KeepAlive == true)
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        return StartConnectionAsync(factory, socket, isOwn: false, remote: null);
    }

    private async Coroutine<(Transport Transport, TProtocol Protocol)> ConnectToHostAsync<TProtocol>(
        Func<TProtocol> factory, string? host, int port, ConnectionOptions options)
        where TProtocol : StreamProtocol
    {
        var addresses = await GetAddressInfoAsync(host, port, options.AddressFamily);
        var interleave = options.Interleave ?? (options.HappyEyeballsDelay is null ? 0 : 1);
        if (interleave > 0)
            addresses = Interleaving.Of(addresses, interleave);
        var connected = options.HappyEyeballsDelay is { } delay
            ? await RaceToConnectAsync(addresses, options, delay)
            : await ConnectToAnyAsync(addresses, options);
        return await StartConnectionAsync(factory, connected.Socket, isOwn: true, connected.Remote);
    }

    private async Coroutine<(Socket Socket, IPEndPoint Remote)> ConnectToAnyAsync(IPEndPoint[] addresses, ConnectionOptions options)
    {
        List<Exception> failures = [];
        foreach (var address in addresses)
        {
            try
            {
                return await ConnectToAsync(address, options.LocalEndPoint);
            }
            catch (SocketException e)
            {
                failures.Add(e);
            }
        }
        throw Unreachable(failures, options);
    }

    private async Coroutine<(Socket Socket, IPEndPoint Remote)> RaceToConnectAsync(IPEndPoint[] addresses, ConnectionOptions options, TimeSpan delay)
    {
        var race = await StaggeredRace.RunAsync(
            addresses.Select<IPEndPoint, Func<Coroutine<(Socket Socket, IPEndPoint Remote)>>>(
                address => () => ConnectToAsync(address, options.LocalEndPoint)),
            delay, static late => late.Socket.Dispose());
        if (race.HasWinner)
            return race.Result;
        throw race.Exceptions.FirstOrDefault(static failure => failure is not SocketException)
            ?? Unreachable([.. race.Exceptions.OfType<SocketException>()], options);
    }

    private async Coroutine<(Socket Socket, IPEndPoint Remote)> ConnectToAsync(IPEndPoint address, IPEndPoint? local)
    {
        if (local is not null && local.AddressFamily != address.AddressFamily)
        {
            throw new SocketException((int)SocketError.AddressNotAvailable,
                $"{address} cannot be connected to from {local}, which is of another family.");
        }
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            if (local is not null)
                BindTo(local, socket);
            await ConnectAsync(socket, address);
            return (socket, address);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void BindTo(IPEndPoint local, Socket socket)
    {
        try
        {
            socket.Bind(local);
        }
        catch (SocketException e)
        {
            throw new SocketException((int)e.SocketErrorCode, $"The connection cannot be made from {local}: {e.Message}");
        }
    }

    private async Coroutine<(Transport Transport, TProtocol Protocol)> StartConnectionAsync<TProtocol>(
        Func<TProtocol> factory, Socket socket, bool isOwn, EndPoint? remote, Action<Transport>? begin = null)
        where TProtocol : StreamProtocol
    {
        if (!isOwn)
            CheckNotTaken(socket);
        var made = CreateFuture<bool>();
        TProtocol protocol;
        Transport transport;
        try
        {
            if (!isOwn && socket.ProtocolType == ProtocolType.Tcp)
                socket.NoDelay = true;
            protocol = MakeProtocol(factory);
            transport = StartConnection(socket, isOwn, protocol, remote, made);
            begin?.Invoke(transport);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        await ToBeginAsync(transport, made);
        return (transport, protocol);
    }

    // One failure is itself; several are told in one, unless they all say the same.
    private static Exception Unreachable(List<Exception> failures, ConnectionOptions options)
    {
        if (options.AllErrors)
            return new AggregateException("No address of the host can be connected to.", failures);
        var first = (SocketException)failures[0];
        return failures.TrueForAll(failure => failure.Message == first.Message)
            ? first
            : new SocketException((int)first.SocketErrorCode,
                $"No address of the host can be connected to. {string.Join(" ", failures.Select(static failure => failure.Message))}");
    }
}
