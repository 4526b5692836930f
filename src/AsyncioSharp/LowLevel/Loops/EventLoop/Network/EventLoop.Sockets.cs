using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.LowLevel;

// Sockets that belong to the program.
public abstract partial class EventLoop
{
    /// <summary>Receives from a socket (<c>loop.sock_recv_into()</c>).</summary>
    /// <param name="socket">The socket. It remains yours. Loops that need it make it non-blocking.</param>
    /// <param name="buffer">Where to put what was received; if it is empty, waits until there is something, and takes
    /// nothing.</param>
    /// <returns>How many bytes; 0 once the peer has ended.</returns>
    /// <remarks>Nothing is lost if the task is cancelled: what it has not returned was not received.</remarks>
    /// <exception cref="SocketException">The connection is lost.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    /// <exception cref="InvalidOperationException">The socket belongs to a transport, or another task receives from
    /// it.</exception>
    public Coroutine<int> SockReceiveAsync(Socket socket, Memory<byte> buffer)
    {
        CheckSocket(socket);
        return ReceiveAsync(socket, buffer);
    }

    /// <summary>Receives from a socket (<c>loop.sock_recv()</c>).</summary>
    /// <param name="socket">The socket. It remains yours. Loops that need it make it non-blocking.</param>
    /// <param name="count">How many bytes at most.</param>
    /// <returns>What was received; empty once the peer has ended.</returns>
    /// <inheritdoc cref="SockReceiveAsync(Socket, Memory{byte})"/>
    /// <exception cref="ArgumentOutOfRangeException">The count is not positive.</exception>
    public Coroutine<byte[]> SockReceiveAsync(Socket socket, int count)
    {
        CheckSocket(socket);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return ReceiveArrayAsync(socket, count);
    }

    /// <summary>Receives a datagram (<c>loop.sock_recvfrom_into()</c>).</summary>
    /// <param name="socket">The socket. It remains yours. Loops that need it make it non-blocking.</param>
    /// <param name="buffer">Where to put it. What does not fit is lost.</param>
    /// <returns>How many bytes, and from whom.</returns>
    /// <exception cref="SocketException">Receiving failed, or an earlier datagram was refused.</exception>
    /// <inheritdoc cref="SockReceiveAsync(Socket, Memory{byte})"/>
    public Coroutine<SocketReceiveFromResult> SockReceiveFromAsync(Socket socket, Memory<byte> buffer)
    {
        CheckSocket(socket);
        return ReceiveFromAsync(socket, buffer);
    }

    /// <summary>Sends all of some data (<c>loop.sock_sendall()</c>).</summary>
    /// <param name="socket">The socket. It remains yours. Loops that need it make it non-blocking.</param>
    /// <param name="data">The data. It must not change before the end.</param>
    /// <remarks>If it fails or is cancelled, there is no telling how much was sent.</remarks>
    /// <exception cref="SocketException">The connection is lost.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    /// <exception cref="InvalidOperationException">The socket belongs to a transport, or another task sends to it.</exception>
    public Coroutine SockSendAllAsync(Socket socket, ReadOnlyMemory<byte> data)
    {
        CheckSocket(socket);
        return SendAllAsync(socket, data);
    }

    /// <summary>Sends a datagram (<c>loop.sock_sendto()</c>).</summary>
    /// <param name="socket">The socket. It remains yours. Loops that need it make it non-blocking.</param>
    /// <param name="data">The datagram.</param>
    /// <param name="remoteEndPoint">To whom; an address, not a name.</param>
    /// <returns>How many bytes were sent.</returns>
    /// <exception cref="SocketException">The datagram is too long or cannot be sent, or an earlier one was refused.</exception>
    /// <inheritdoc cref="SockSendAllAsync(Socket, ReadOnlyMemory{byte})"/>
    public Coroutine<int> SockSendToAsync(Socket socket, ReadOnlyMemory<byte> data, EndPoint remoteEndPoint)
    {
        CheckSocket(socket);
        CheckAddress(remoteEndPoint);
        return SendToAsync(socket, data, remoteEndPoint);
    }

    /// <summary>Connects a socket (<c>loop.sock_connect()</c>).</summary>
    /// <param name="socket">The socket. It remains yours. Loops that need it make it non-blocking.</param>
    /// <param name="remoteEndPoint">To what; the name in a <see cref="DnsEndPoint"/> is looked up, and its first address of
    /// the socket's family taken.</param>
    /// <exception cref="SocketException">The name is unknown, or the connection cannot be made.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    /// <exception cref="InvalidOperationException">The socket belongs to a transport, or another task sends to it.</exception>
    public Coroutine SockConnectAsync(Socket socket, EndPoint remoteEndPoint)
    {
        CheckSocket(socket);
        ArgumentNullException.ThrowIfNull(remoteEndPoint);
        return remoteEndPoint is DnsEndPoint name ? ConnectByNameAsync(socket, name) : ConnectSocketAsync(socket, remoteEndPoint);
    }

    /// <summary>Accepts a connection (<c>loop.sock_accept()</c>).</summary>
    /// <param name="socket">A socket that listens. It remains yours. Loops that need it make it non-blocking.</param>
    /// <returns>The connection's socket, which is yours.</returns>
    /// <exception cref="SocketException">The socket does not listen, or there are no descriptors left.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    /// <exception cref="InvalidOperationException">The socket belongs to a server, or another task accepts on it.</exception>
    public Coroutine<Socket> SockAcceptAsync(Socket socket)
    {
        CheckSocket(socket);
        return AcceptAsync(socket);
    }

    private protected virtual Coroutine<int> ReceiveAsync(Socket socket, Memory<byte> buffer) => throw NoNetwork();

    private protected virtual Coroutine<SocketReceiveFromResult> ReceiveFromAsync(Socket socket, Memory<byte> buffer) => throw NoNetwork();

    private protected virtual Coroutine SendAllAsync(Socket socket, ReadOnlyMemory<byte> data) => throw NoNetwork();

    private protected virtual Coroutine<int> SendToAsync(Socket socket, ReadOnlyMemory<byte> data, EndPoint remote) => throw NoNetwork();

    private protected virtual Coroutine ConnectSocketAsync(Socket socket, EndPoint remote) => throw NoNetwork();

    private protected virtual Coroutine<Socket> AcceptAsync(Socket socket) => throw NoNetwork();

    private async Coroutine<byte[]> ReceiveArrayAsync(Socket socket, int count)
    {
        var buffer = new byte[count];
        var received = await ReceiveAsync(socket, buffer);
        Array.Resize(ref buffer, received);
        return buffer;
    }

    private async Coroutine ConnectByNameAsync(Socket socket, DnsEndPoint name)
    {
        var addresses = await GetAddressInfoAsync(name.Host, name.Port, socket.AddressFamily);
        await ConnectSocketAsync(socket, addresses[0]);
    }

    /// <exception cref="ArgumentException">It is a name.</exception>
    internal static void CheckAddress(EndPoint remoteEndPoint, [CallerArgumentExpression(nameof(remoteEndPoint))] string? parameter = null)
    {
        ArgumentNullException.ThrowIfNull(remoteEndPoint, parameter);
        if (remoteEndPoint is DnsEndPoint)
            throw new ArgumentException($"{remoteEndPoint} is a name, not an address. Look it up first with GetAddressInfoAsync.", parameter);
    }

    private void CheckSocket(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        CheckNetwork();
    }
}
