using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.LowLevel;

/// <summary>A datagram endpoint on an epoll loop. It sends and receives without allocating.</summary>
internal sealed partial class EpollDatagramTransport : SocketDatagramTransport, IEpollClient
{
    // Unlike a stream's, a datagram socket's room is told of after every datagram that has left: asked for only when
    // something waits for it.
    private const EpollEvents ToReceive = EpollEvents.Readable | EpollEvents.EdgeTriggered;

    private readonly LinuxEventLoop _loop;
    private readonly EpollWatch _watch;
    private readonly SocketDescriptor _socket;
    private readonly AddressFamily _family;
    private EndPoint? _localEndPoint;
    private bool _waitsForRoom;

    /// <summary>Makes the transport of a socket that does not block.</summary>
    public EpollDatagramTransport(
        LinuxEventLoop loop, SocketDescriptor socket, AddressFamily family,
        DatagramProtocol protocol, EndPoint? remote, bool isConnected, Future<bool> made)
        : base(loop, protocol, remote, isConnected, made)
    {
        _loop = loop;
        _socket = socket;
        _family = family;
        _watch = loop.Poller.Add(this, socket.Number, ToReceive);
        _watch.Queue();
    }

    public override EndPoint? LocalEndPoint => _localEndPoint ??= IsFinished ? null : _socket.View.LocalEndPoint;

    public override Socket? Socket => IsFinished ? null : _socket.View;

    public void OnReady(EpollEvents events)
    {
        if ((State & TransportState.Starting) != 0)
            Begin();
        if ((events & EpollEvents.Writable) != 0 && !Backlog.IsEmpty)
            Flush();
        if (Backlog.IsEmpty && _waitsForRoom && !IsFinished)
            WaitForRoom(false);
        // None if it has queued itself, as there was more than is read in a turn.
        if (!ReceiveAll())
            _watch.Queue();
    }

    [SkipLocalsInit] // a new address is as long as it says
    private protected override SocketError Send(ReadOnlySpan<byte> data, EndPoint? remote)
    {
        var gathered = Gather(data, remote);
        if (gathered != SocketError.Success)
            return gathered;
        if (remote is null)
            return ErrorOf(Libc.Send(_socket.Number, data));
        Span<byte> address = stackalloc byte[AddressBytes.MaxLength];
        return ErrorOf(Libc.SendTo(_socket.Number, data, address[..AddressBytes.Write(remote, _family, address)]));
    }

    private protected override void OnKept()
    {
        // Not told of room as well: each attempt in vain makes some, so that the loop would try again and again without a pause.
        if (_family == AddressFamily.Unix && !IsConnected)
            FlushLater();
        else if (!_waitsForRoom)
            WaitForRoom(true);
    }

    private protected override void Release()
    {
        _loop.Poller.Remove(_watch);
        _socket.Close();
    }

    private void WaitForRoom(bool wait)
    {
        _waitsForRoom = wait;
        var result = _loop.Poller.Change(_watch, wait ? ToReceive | EpollEvents.Writable : ToReceive);
        if (result < 0 && wait) // what waits would do so for ever
            ForceClose(Errno.Exception(-result, "The socket cannot be watched"));
    }

    private static SocketError ErrorOf(int result) => result >= 0 ? SocketError.Success : Errno.SocketErrorOf(-result);
}
