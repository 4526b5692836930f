using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    /// <summary>Makes an endpoint that sends and receives datagrams (<c>loop.create_datagram_endpoint()</c>).</summary>
    /// <typeparam name="TProtocol">The protocol's type.</typeparam>
    /// <param name="factory">Makes the protocol.</param>
    /// <param name="localEndPoint">
    /// The address to receive at: an <see cref="IPEndPoint"/>, a <see cref="DnsEndPoint"/>, or a
    /// <see cref="UnixDomainSocketEndPoint"/>. Null if the system is to choose one.
    /// </param>
    /// <param name="remoteEndPoint">The address that all datagrams are sent to, and the only one to receive from; of the same
    /// kinds. Null for any.</param>
    /// <param name="options">Everything else.</param>
    /// <returns>The transport, and the protocol, which was told of it.</returns>
    /// <exception cref="ArgumentException">There is neither an address nor a family, the two addresses do not go together, or
    /// a socket is given along with other things or is not for datagrams.</exception>
    /// <exception cref="InvalidOperationException">The socket belongs to a transport or server of this loop already.</exception>
    /// <exception cref="SocketException">A name is unknown, or the address is in use or not this machine's.</exception>
    /// <exception cref="NotSupportedException">This loop has no network.</exception>
    public Coroutine<(DatagramTransport Transport, TProtocol Protocol)> CreateDatagramEndpointAsync<TProtocol>(
        Func<TProtocol> factory, EndPoint? localEndPoint = null, EndPoint? remoteEndPoint = null, DatagramOptions? options = null)
        where TProtocol : DatagramProtocol
    {
        ArgumentNullException.ThrowIfNull(factory);
        options ??= new DatagramOptions();
        CheckNetwork();
        if (options.Socket is { } socket)
        {
            CheckDatagramSocket(socket, localEndPoint, remoteEndPoint, options);
            var peer = SocketEndPoints.Remote(socket);
            return StartDatagramsAsync(factory, socket, isOwn: false, peer, isConnected: peer is not null);
        }
        if (localEndPoint is null && remoteEndPoint is null && options.AddressFamily == AddressFamily.Unspecified)
        {
            throw new ArgumentException(
                "A datagram endpoint needs a local address, a remote address, or at least an address family.", nameof(options));
        }
        if (localEndPoint is not null && remoteEndPoint is not null
            && localEndPoint is UnixDomainSocketEndPoint != remoteEndPoint is UnixDomainSocketEndPoint)
        {
            throw new ArgumentException($"{localEndPoint} and {remoteEndPoint} are addresses of different families.", nameof(remoteEndPoint));
        }
        if (options.ReusePort)
            PortSharing.CheckSupported();
        return CreateDatagramsAsync(factory, localEndPoint, remoteEndPoint, options);
    }

    /// <summary>Makes the transport of a socket. It owns the socket from then on.</summary>
    /// <param name="socket">The socket, which does not block.</param>
    /// <param name="isOwn">Whether nobody else has it.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="remote">Where all datagrams are sent; null if each has its own address.</param>
    /// <param name="isConnected">Whether the socket is connected to it.</param>
    /// <param name="made">To be completed when the protocol was told.</param>
    private protected virtual DatagramTransport StartDatagrams(
        Socket socket, bool isOwn, DatagramProtocol protocol, EndPoint? remote, bool isConnected, Future<bool> made) => throw NoNetwork();

    private async Coroutine<(DatagramTransport Transport, TProtocol Protocol)> CreateDatagramsAsync<TProtocol>(
        Func<TProtocol> factory, EndPoint? local, EndPoint? remote, DatagramOptions options)
        where TProtocol : DatagramProtocol
    {
        SocketException? failure = null;
        foreach (var pair in Pairs(local, await FindAsync(local, options), remote, await FindAsync(remote, options), options))
        {
            Socket socket;
            try
            {
                socket = NewDatagramSocket(pair.Family, pair.Local, pair.Remote, options);
            }
            catch (SocketException e)
            {
                failure ??= e;
                continue;
            }
            return await StartDatagramsAsync(
                factory, socket, isOwn: true, pair.Remote, isConnected: pair.Remote is not null && !options.AllowBroadcast);
        }
        throw failure ?? new SocketException((int)SocketError.AddressNotAvailable, $"{local} and {remote} have no addresses of the same family.");
    }

    private async Coroutine<EndPoint[]> FindAsync(EndPoint? endPoint, DatagramOptions options) => endPoint switch
    {
        null => [],
        DnsEndPoint name => await GetAddressInfoAsync(
            name.Host, name.Port, options.AddressFamily == AddressFamily.Unspecified ? name.AddressFamily : options.AddressFamily),
        _ => [endPoint],
    };

    private async Coroutine<(DatagramTransport Transport, TProtocol Protocol)> StartDatagramsAsync<TProtocol>(
        Func<TProtocol> factory, Socket socket, bool isOwn, EndPoint? remote, bool isConnected)
        where TProtocol : DatagramProtocol
    {
        if (!isOwn)
            CheckNotTaken(socket);
        var made = CreateFuture<bool>();
        TProtocol protocol;
        DatagramTransport transport;
        try
        {
            socket.Blocking = false;
            protocol = MakeProtocol(factory);
            transport = StartDatagrams(socket, isOwn, protocol, remote, isConnected, made);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        await ToBeginAsync(transport, made);
        return (transport, protocol);
    }

    // For each family the first address of each side, where both sides have what they need.
    private static IEnumerable<(AddressFamily Family, EndPoint? Local, EndPoint? Remote)> Pairs(
        EndPoint? local, EndPoint[] locals, EndPoint? remote, EndPoint[] remotes, DatagramOptions options)
    {
        if (local is null && remote is null)
            yield return (options.AddressFamily, null, null);
        foreach (var family in locals.Concat(remotes).Select(address => address.AddressFamily).Distinct())
        {
            var here = Array.Find(locals, address => address.AddressFamily == family);
            var there = Array.Find(remotes, address => address.AddressFamily == family);
            if ((local is null || here is not null) && (remote is null || there is not null))
                yield return (family, here, there);
        }
    }

    private Socket NewDatagramSocket(AddressFamily family, EndPoint? local, EndPoint? remote, DatagramOptions options)
    {
        var socket = new Socket(family, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            if (options.ReusePort)
                PortSharing.Enable(socket);
            if (options.AllowBroadcast)
                socket.EnableBroadcast = true;
            if (local is UnixDomainSocketEndPoint && local.ToString() is { Length: > 0 } path && path[0] != '@') // an abstract name
                RemoveStale(path);
            if (local is not null)
                socket.Bind(local);
            if (remote is not null && !options.AllowBroadcast)
                socket.Connect(remote); // does not take time
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw SocketErrors.Exception(
                e.SocketErrorCode, $"No endpoint can be made{(local is null ? "" : $" at {local}")}{(remote is null ? "" : $" for {remote}")}");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void CheckDatagramSocket(Socket socket, EndPoint? local, EndPoint? remote, DatagramOptions options)
    {
        if (socket.SocketType != SocketType.Dgram)
            throw new ArgumentException($"A socket of type {SocketType.Dgram} is needed; this one is of type {socket.SocketType}.", nameof(options));
        if (local is not null || remote is not null || options != new DatagramOptions { Socket = socket })
            throw new ArgumentException("A socket has its addresses and options already: give either the socket, or the others.", nameof(options));
    }
}
