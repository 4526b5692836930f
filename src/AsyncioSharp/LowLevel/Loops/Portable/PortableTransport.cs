using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>A connection on a portable loop. Once it runs steadily it reads and writes without allocating.</summary>
internal sealed partial class PortableTransport : StreamTransport, ISocketOwner
{
    private readonly PortableEventLoop _loop;
    private readonly Socket _socket;
    private readonly ExecutionContext? _context;
    private SocketView _view;
    private EndPoint? _localEndPoint;
    private bool _queued;

    /// <summary>Makes the transport of a connected socket.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="socket">The socket; it is the transport's.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="remoteEndPoint">The peer's address, if it is known.</param>
    /// <param name="server">The server that accepted it, if one did.</param>
    /// <param name="made">Completed when the protocol was told of the connection.</param>
    public PortableTransport(
        PortableEventLoop loop, Socket socket, StreamProtocol protocol, EndPoint? remoteEndPoint, Server? server, Future<bool>? made)
        : base(loop, protocol, server, made)
    {
        socket.Blocking = false;
        _loop = loop;
        _socket = socket;
        _context = loop.ContextToKeep(null);
        RemoteEndPoint = remoteEndPoint ?? SocketEndPoints.Remote(socket);
        _arrival = new SocketOperation(loop, this);
        loop.Add(this);
        server?.Attach(this);
        Queue();
    }

    public override EndPoint? LocalEndPoint => _localEndPoint ??= IsFinished ? null : SocketEndPoints.Local(_socket);

    public override EndPoint? RemoteEndPoint { get; }

    public override Socket? Socket => IsFinished ? null : _view.Of(_socket);

    Socket ISocketOwner.Owned => _socket;

    public void OnCompleted(SocketOperation operation)
    {
        if (!ReferenceEquals(operation, _arrival))
        {
            OnSendCompleted(operation.Arguments);
            return;
        }
        State |= TransportState.Readable; // data, the end or an error: receiving tells
        Read();
    }

    // A receive into no memory may be pending. It takes nothing, whoever has the socket by then.
    private protected override Socket TakeSocket()
    {
        _ = LocalEndPoint; // which can still be asked for
        _loop.Remove(this);
        _view.Dispose();
        _arrival.Dispose();
        _send?.Dispose();
        return _socket;
    }

    private protected override void Release()
    {
        _loop.Remove(this);
        _view.Dispose();
        // Disposing of the socket ends what is pending, but resets the connection if that was not shut down.
        if (_arrival.IsPending || _send is { IsPending: true })
            EndSending();
        _socket.Dispose();
        _arrival.Dispose();
        _send?.Dispose();
    }

    private void Queue()
    {
        if (_queued)
            return;
        _queued = true;
        Loop.Ready.Enqueue(CallbackNode<PortableTransport>.Rent(static transport => transport.TakeTurn(), this, _context));
    }

    private void TakeTurn()
    {
        _queued = false;
        if ((State & TransportState.Starting) != 0)
        {
            Begin();
            AwaitArrival();
        }
        Read();
    }
}
