using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>A connection on an epoll loop. It reads and writes without allocating.</summary>
internal sealed class EpollTransport : EpollStream
{
    private readonly SocketDescriptor _socket;
    private readonly int _descriptor;
    private PeerAddress _peer;
    private EndPoint? _localEndPoint;
    private EndPoint? _remoteEndPoint;

    /// <summary>A connection that a server accepted.</summary>
    public EpollTransport(LinuxEventLoop loop, SocketDescriptor socket, StreamProtocol protocol, Server server, in PeerAddress peer)
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
    public EpollTransport(LinuxEventLoop loop, SocketDescriptor socket, StreamProtocol protocol, EndPoint? remoteEndPoint, Future<bool> made)
        : this(loop, socket, protocol, server: null, made)
    {
        _remoteEndPoint = remoteEndPoint;
    }

    private EpollTransport(LinuxEventLoop loop, SocketDescriptor socket, StreamProtocol protocol, Server? server, Future<bool>? made)
        : base(loop, protocol, server, made)
    {
        _socket = socket;
        _descriptor = socket.Number;
        var result = Begin(_descriptor, EpollEvents.Connection);
        if (result < 0)
            throw Errno.Exception(-result, "The socket cannot be watched");
    }

    public override EndPoint? LocalEndPoint => _localEndPoint ??= IsFinished ? null : SocketEndPoints.Local(_socket.View);

    public override EndPoint? RemoteEndPoint => _remoteEndPoint ??= _peer.ToEndPoint() ?? (IsFinished ? null : SocketEndPoints.Remote(_socket.View));

    public override Socket? Socket => IsFinished ? null : _socket.View;

    internal override bool SendsFiles => true;

    private protected override long SendFileNow(FileStream file, long offset, long count) => Libc.SendFile(_descriptor, file.SafeFileHandle, offset, count) switch
    {
        -Errno.EAGAIN => -1,
        var result => SendFileResult.Check(result),
    };

    internal override int TrySendOnAnyThread(ReadOnlySpan<byte> data) => Math.Max(0, Send(data));

    private protected override int Receive(Span<byte> buffer) => Libc.Receive(_descriptor, buffer);

    private protected override int Send(ReadOnlySpan<byte> data) => Libc.Send(_descriptor, data);

    private protected override void EndSending() => _ = Libc.ShutdownSending(_descriptor);

    private protected override Exception Failure(string what, int error) => Errno.Exception(error, $"{what} failed");

    private protected override void Release()
    {
        base.Release();
        _socket.Close();
    }
}
