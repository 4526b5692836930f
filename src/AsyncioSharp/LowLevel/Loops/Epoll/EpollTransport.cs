using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>A TCP connection on an epoll loop. It reads and writes without allocating.</summary>
internal sealed partial class EpollTransport : Transport, IEpollClient
{
    private readonly EpollEventLoop _loop;
    private readonly EpollWatch _watch;
    private readonly SocketDescriptor _socket;
    private readonly int _descriptor;
    private readonly Server? _server;
    private PeerAddress _peer;
    private EndPoint? _localEndPoint;
    private EndPoint? _remoteEndPoint;
    private StreamProtocol _protocol;
    private Future<bool>? _made;
    private TransportState _state = TransportState.Starting;

    /// <summary>A connection that a server accepted.</summary>
    public EpollTransport(EpollEventLoop loop, SocketDescriptor socket, StreamProtocol protocol, Server server, in PeerAddress peer)
        : this(loop, socket, protocol)
    {
        _peer = peer;
        _server = server;
        server.Attach(this);
    }

    /// <summary>A connection that was made here.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="socket">The connected socket.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="remoteEndPoint">The peer's address.</param>
    /// <param name="made">Completed when the protocol was told of the connection.</param>
    public EpollTransport(EpollEventLoop loop, SocketDescriptor socket, StreamProtocol protocol, EndPoint? remoteEndPoint, Future<bool> made)
        : this(loop, socket, protocol)
    {
        _remoteEndPoint = remoteEndPoint;
        _made = made;
    }

    private EpollTransport(EpollEventLoop loop, SocketDescriptor socket, StreamProtocol protocol)
    {
        _loop = loop;
        _socket = socket;
        _descriptor = socket.Number;
        _protocol = protocol;
        _buffered = protocol as BufferedProtocol;
        _plain = protocol as Protocol;
        _watch = loop.Poller.Add(this, _descriptor, EpollEvents.Connection);
        _watch.Queue();
    }

    public override bool IsClosing => (_state & TransportState.Closing) != 0;

    public override EndPoint? LocalEndPoint => _localEndPoint ??= IsFinished ? null : _socket.View.LocalEndPoint;

    public override EndPoint? RemoteEndPoint => _remoteEndPoint ??= _peer.ToEndPoint();

    public override Socket? Socket => IsFinished ? null : _socket.View;

    private bool IsFinished => (_state & TransportState.Finished) != 0;

    public override StreamProtocol GetProtocol() => _protocol;

    public override void SetProtocol(StreamProtocol protocol)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        _loop.CheckThread();
        _protocol = protocol;
        _buffered = protocol as BufferedProtocol;
        _plain = protocol as Protocol;
    }

    public void OnReady(EpollEvents events)
    {
        if ((_state & TransportState.Starting) != 0)
            Begin();
        // Reading first: what a peer sent before it reset the connection is still to be had, writing would only fail.
        OnReadable(events);
        if (!_backlog.IsEmpty && (events & (EpollEvents.Writable | EpollEvents.Ending)) != 0)
            Flush();
    }

    public override string ToString() => $"<Transport {_descriptor} {LocalEndPoint} - {RemoteEndPoint}{(IsClosing ? " closing" : "")}>";

    private void Begin()
    {
        _state &= ~TransportState.Starting;
        var made = _made;
        _made = null;
        try
        {
            _protocol.ConnectionMade(this);
        }
        catch (Exception e)
        {
            if (made is null || !made.TrySetException(e))
                Report("ConnectionMade failed", e);
            ForceClose(e);
            return;
        }
        made?.TrySetResult(true);
    }

    private void Report(string what, Exception exception) => _loop.CallExceptionHandler(new ExceptionContext(
        $"{_protocol.GetType().Name}.{what}.")
    {
        Exception = exception,
        Source = this,
    });
}
