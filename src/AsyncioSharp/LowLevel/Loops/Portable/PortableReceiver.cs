using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>Receives on a socket, and keeps the last sender's end point for the next of his datagrams.</summary>
internal sealed class PortableReceiver(Socket socket)
{
    private static readonly UnixDomainSocketEndPoint s_unix = new("/");

    private readonly bool _isStream = socket.SocketType == SocketType.Stream;
    private SocketAddress? _address; // of the last sender
    private SocketAddress? _room; // for the next one's
    private EndPoint? _sender;
    private (IPAddress? Address, int Port) _unchanged; // as the sender's end point was made

    /// <summary>Begins to wait until there is something to receive, of which nothing is taken.</summary>
    /// <returns>Whether that takes time.</returns>
    public bool BeginArrival(SocketAsyncEventArgs arguments)
    {
        // A receive into no memory ends as soon as there is something. Of a datagram it would take all.
        arguments.SocketFlags = _isStream ? SocketFlags.None : SocketFlags.Peek;
        return SocketCalls.ReceiveAsync(socket, arguments);
    }

    /// <summary>What an arrival has told: an error may not be told again by a receive.</summary>
    public static SocketError ErrorOf(SocketAsyncEventArgs arrival) => arrival.SocketError == SocketError.MessageSize
        ? SocketError.Success // there is a datagram, which no memory can take in
        : arrival.SocketError;

    /// <summary>Receives a datagram if there is one.</summary>
    public SocketError Receive(Span<byte> buffer, out SocketReceiveFromResult result)
    {
        var room = _room ??= new SocketAddress(socket.AddressFamily);
        room.Size = room.Buffer.Length;
        result = default;
        try
        {
            result.ReceivedBytes = SocketCalls.ReceiveFrom(socket, buffer, room);
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
        // Usually it is who has sent before.
        if (_sender is null || !room.Equals(_address) || HasChanged(_sender))
        {
            _sender = Read(room);
            _unchanged = _sender is IPEndPoint internet ? (internet.Address, internet.Port) : default;
            (_room, _address) = (_address, room);
        }
        result.RemoteEndPoint = _sender;
        return SocketError.Success;
    }

    // End points can be changed by whoever has them.
    private bool HasChanged(EndPoint sender) => sender is IPEndPoint internet && (internet.Address, internet.Port) != _unchanged;

    private static EndPoint Read(SocketAddress address) => address.Family switch
    {
        AddressFamily.InterNetwork => new IPEndPoint(IPAddress.Any, 0).Create(address),
        AddressFamily.InterNetworkV6 => new IPEndPoint(IPAddress.IPv6Any, 0).Create(address),
        _ => s_unix.Create(address.Size >= sizeof(ushort) ? address : new SocketAddress(AddressFamily.Unix, sizeof(ushort))), // unnamed
    };
}
