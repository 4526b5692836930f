using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>A connection on an epoll loop. It reads and writes without allocating.</summary>
internal sealed partial class EpollTransport : StreamTransport, IEpollClient
{
    private readonly EpollPoller _poller;
    private readonly EpollWatch _watch;
    private readonly SocketDescriptor _socket;
    private readonly int _descriptor;
    private PeerAddress _peer;
    private EndPoint? _localEndPoint;
    private EndPoint? _remoteEndPoint;

    /// <summary>A connection that a server accepted.</summary>
    public EpollTransport(EpollEventLoop loop, SocketDescriptor socket, StreamProtocol protocol, Server server, in PeerAddress peer)
        : this(loop, socket, protocol, server, made: null)
    {
        _peer = peer;
        server.Attach(this);
    }

    /// <summary>A connection that was made here.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="socket">The connected socket.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="remoteEndPoint">The peer's address.</param>
    /// <param name="made">Completed when the protocol was told of the connection.</param>
    public EpollTransport(EpollEventLoop loop, SocketDescriptor socket, StreamProtocol protocol, EndPoint? remoteEndPoint, Future<bool> made)
        : this(loop, socket, protocol, server: null, made)
    {
        _remoteEndPoint = remoteEndPoint;
    }

    private EpollTransport(EpollEventLoop loop, SocketDescriptor socket, StreamProtocol protocol, Server? server, Future<bool>? made)
        : base(loop, protocol, server, made)
    {
        _poller = loop.Poller;
        _socket = socket;
        _descriptor = socket.Number;
        _watch = _poller.Add(this, _descriptor, EpollEvents.Connection);
        _watch.Queue();
    }

    public override EndPoint? LocalEndPoint => _localEndPoint ??= IsFinished ? null : SocketEndPoints.Local(_socket.View);

    public override EndPoint? RemoteEndPoint => _remoteEndPoint ??= _peer.ToEndPoint() ?? (IsFinished ? null : SocketEndPoints.Remote(_socket.View));

    public override Socket? Socket => IsFinished ? null : _socket.View;

    public void OnReady(EpollEvents events)
    {
        if ((State & TransportState.Starting) != 0)
            Begin();
        // Reading first: what a peer sent before it reset the connection is still to be had, writing would only fail.
        OnReadable(events);
        if (!Backlog.IsEmpty && (events & (EpollEvents.Writable | EpollEvents.Ending)) != 0)
            Flush();
    }

    private protected override void Release()
    {
        _poller.Remove(_watch);
        _socket.Close();
    }
}
