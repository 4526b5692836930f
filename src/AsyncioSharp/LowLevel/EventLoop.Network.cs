using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    private const int ReceiveBufferSize = 256 * 1024;

    private byte[]? _receiveBuffer;

    /// <summary>
    /// Where all connections of this loop receive what goes nowhere else: one buffer is enough, as one callback runs at a
    /// time, and it stays in the processor's cache. What is in it is valid until that callback returns.
    /// </summary>
    internal byte[] ReceiveBuffer =>
        _receiveBuffer ??= GC.AllocateUninitializedArray<byte>(ReceiveBufferSize, pinned: true);

    /// <summary>Whether this loop can make connections.</summary>
    private protected virtual bool HasNetwork => false;

    /// <summary>
    /// Connects to a host over TCP (<c>loop.create_connection()</c>). The addresses of the host are tried one after another.
    /// </summary>
    /// <typeparam name="TProtocol">The protocol's type.</typeparam>
    /// <param name="factory">Makes the protocol, once the connection stands.</param>
    /// <param name="host">A name or an address; null for this machine.</param>
    /// <param name="port">The port.</param>
    /// <param name="options">How to connect.</param>
    /// <returns>The transport, and the protocol, which was told of the connection.</returns>
    /// <exception cref="SocketException">The name is unknown, or no address can be connected to.</exception>
    /// <exception cref="NotSupportedException">This loop has no network.</exception>
    public Coroutine<(Transport Transport, TProtocol Protocol)> CreateConnectionAsync<TProtocol>(
        Func<TProtocol> factory, string? host, int port, ConnectionOptions? options = null)
        where TProtocol : StreamProtocol
    {
        ArgumentNullException.ThrowIfNull(factory);
        options ??= new ConnectionOptions();
        CheckNetwork();
        CheckPort(port);
        if (options.Tls is not null)
            return ConnectOverTlsAsync(factory, host, port, options);
        if (options.Socket is not { } socket)
            return ConnectToHostAsync(factory, host, port, options);
        if (host is not null || options.LocalEndPoint is not null)
            throw new ArgumentException("Either a host or a connected socket is given, not both; a socket has its local address already.", nameof(options));
        CheckStream(socket);
        return StartConnectionAsync(factory, socket, isOwn: false, remote: null);
    }

    private async Coroutine<(Transport Transport, TProtocol Protocol)> ConnectToHostAsync<TProtocol>(
        Func<TProtocol> factory, string? host, int port, ConnectionOptions options)
        where TProtocol : StreamProtocol
    {
        var addresses = await GetAddressInfoAsync(host, port, options.AddressFamily);
        var (socket, remote) = await ConnectToAnyAsync(addresses, options.LocalEndPoint);
        return await StartConnectionAsync(factory, socket, isOwn: true, remote);
    }

    /// <summary>Connects a socket that nobody else has.</summary>
    private protected virtual Coroutine ConnectAsync(Socket socket, EndPoint remote) => throw NoNetwork();

    /// <summary>Makes the transport of a connected socket. It owns the socket from then on.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="isOwn">Whether nobody else has it.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="remote">The peer's address, if it is known.</param>
    /// <param name="made">To be completed when the protocol was told of the connection.</param>
    private protected virtual Transport StartConnection(Socket socket, bool isOwn, StreamProtocol protocol, EndPoint? remote, Future<bool> made) =>
        throw NoNetwork();

    private async Coroutine<(Socket Socket, IPEndPoint Remote)> ConnectToAnyAsync(IPEndPoint[] addresses, IPEndPoint? local)
    {
        List<SocketException>? failures = null;
        foreach (var address in addresses)
        {
            if (local is not null && local.AddressFamily != address.AddressFamily)
                continue;
            Socket? socket = null;
            try
            {
                socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                if (local is not null)
                    socket.Bind(local);
                await ConnectAsync(socket, address);
                return (socket, address);
            }
            catch (SocketException e)
            {
                socket?.Dispose();
                (failures ??= []).Add(e);
            }
            catch
            {
                socket?.Dispose();
                throw;
            }
        }
        throw failures is null ? NoAddress(local) : Joined(failures);
    }

    private async Coroutine<(Transport Transport, TProtocol Protocol)> StartConnectionAsync<TProtocol>(
        Func<TProtocol> factory, Socket socket, bool isOwn, EndPoint? remote)
        where TProtocol : StreamProtocol
    {
        var made = CreateFuture<bool>();
        TProtocol protocol;
        Transport transport;
        try
        {
            if (!isOwn && socket.ProtocolType == ProtocolType.Tcp)
                socket.NoDelay = true;
            protocol = factory();
            transport = StartConnection(socket, isOwn, protocol, remote, made);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        try
        {
            await made;
        }
        catch
        {
            transport.Close();
            throw;
        }
        return (transport, protocol);
    }

    /// <summary>Tells of a protocol that threw where nobody else can be told.</summary>
    /// <param name="protocol">The protocol.</param>
    /// <param name="what">What failed.</param>
    /// <param name="exception">The exception.</param>
    /// <param name="transport">Its transport.</param>
    internal void ReportProtocol(BaseProtocol protocol, string what, Exception exception, object transport) =>
        CallExceptionHandler(new ExceptionContext($"{protocol.GetType().Name}.{what}.")
        {
            Exception = exception,
            Source = transport,
        });

    private void CheckNetwork()
    {
        CheckSchedule();
        if (!HasNetwork)
            throw NoNetwork();
    }

    private static void CheckPort(int port)
    {
        if (port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
            throw new ArgumentOutOfRangeException(nameof(port), port, "A port is a number from 0 to 65535.");
    }

    private static void CheckStream(Socket socket)
    {
        if (socket.SocketType != SocketType.Stream)
            throw new ArgumentException($"A socket of type {SocketType.Stream} is needed; this one is of type {socket.SocketType}.", nameof(socket));
    }

    private NotSupportedException NoNetwork() => new($"{GetType().Name} has no network. EventLoop.New makes a loop that has.");

    private static SocketException NoAddress(IPEndPoint? local) => local is null
        ? new SocketException((int)SocketError.HostNotFound)
        : new SocketException((int)SocketError.AddressNotAvailable, $"None of the host's addresses is of the family of the local address {local}.");

    /// <summary>One failure is itself; several are told in one, unless they all say the same.</summary>
    private static SocketException Joined(List<SocketException> failures)
    {
        var first = failures[0];
        return failures.TrueForAll(failure => failure.Message == first.Message)
            ? first
            : new SocketException((int)first.SocketErrorCode, $"No address of the host can be connected to. {string.Join(" ", failures.Select(failure => failure.Message))}");
    }
}
