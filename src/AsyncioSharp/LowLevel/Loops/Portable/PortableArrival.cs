using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>Where a task waits until there is something to receive. It takes nothing of it.</summary>
internal sealed class PortableArrival(EventLoop loop, Socket socket) : PortableSocketWait(loop, "receive")
{
    private static readonly UnixDomainSocketEndPoint s_unix = new("/");

    private readonly bool _isStream = socket.SocketType == SocketType.Stream;
    private SocketAddress? _address; // of the last sender
    private SocketAddress? _room; // for the next one's
    private EndPoint? _sender;
    private (IPAddress? Address, int Port) _unchanged; // as the sender's end point was made

    /// <summary>The error that arrived, which a receive may not tell again.</summary>
    public SocketError TakeError() => Take().SocketError is var error && !_isStream && error == SocketError.MessageSize
        ? SocketError.Success // there is a datagram, which no memory can take in
        : error;

    /// <summary>Receives a datagram if there is one.</summary>
    public bool TryReceiveFrom(Span<byte> buffer, out SocketReceiveFromResult result)
    {
        var room = _room ??= new SocketAddress(socket.AddressFamily);
        room.Size = room.Buffer.Length;
        result = default;
        try
        {
            result.ReceivedBytes = socket.ReceiveFrom(buffer, SocketFlags.None, room);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
        {
            return false; // it was not intact, or somebody else took it
        }
        // Usually it is who has sent before.
        if (_sender is null || !room.Equals(_address) || HasChanged(_sender))
        {
            _sender = Read(room);
            _unchanged = _sender is IPEndPoint internet ? (internet.Address, internet.Port) : default;
            (_room, _address) = (_address, room);
        }
        result.RemoteEndPoint = _sender;
        return true;
    }

    // A receive into no memory ends as soon as there is something. Of a datagram it would take all.
    protected override bool Begin(SocketAsyncEventArgs arguments)
    {
        arguments.SocketFlags = _isStream ? SocketFlags.None : SocketFlags.Peek;
        return socket.ReceiveAsync(arguments);
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
