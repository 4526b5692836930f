using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>A connection on an epoll loop. It reads and writes without allocating.</summary>
internal class EpollTransport : EpollStream
{
    private readonly SocketDescriptor _socket;
    private PeerAddress _peer;
    private EndPoint? _localEndPoint;
    private EndPoint? _remoteEndPoint;
    private int _receiveError; // that another thread was told, and the system tells once only

    /// <summary>A connection that a server accepted.</summary>
    public EpollTransport(
        LinuxEventLoop loop, SocketDescriptor socket, StreamProtocol protocol, Server server, in PeerAddress peer, bool watched = true)
        : this(loop, socket, protocol, server, made: null, watched)
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
    /// <param name="watched">Whether the socket is watched from the beginning.</param>
    public EpollTransport(
        LinuxEventLoop loop, SocketDescriptor socket, StreamProtocol protocol, EndPoint? remoteEndPoint, Future<bool> made, bool watched = true)
        : this(loop, socket, protocol, server: null, made, watched)
    {
        _remoteEndPoint = remoteEndPoint;
    }

    private EpollTransport(LinuxEventLoop loop, SocketDescriptor socket, StreamProtocol protocol, Server? server, Future<bool>? made, bool watched)
        : base(loop, protocol, server, made)
    {
        _socket = socket;
        Descriptor = socket.Number;
        if (!watched)
        {
            BeginUnwatched(Descriptor);
            return;
        }
        NoteKind();
        var result = Begin(Descriptor, EpollEvents.Connection);
        if (result < 0)
            throw Errno.Exception(-result, "The socket cannot be watched");
    }

    public override EndPoint? LocalEndPoint => _localEndPoint ??= IsFinished ? null : SocketEndPoints.Local(_socket.View);

    public override EndPoint? RemoteEndPoint => _remoteEndPoint ??= _peer.ToEndPoint() ?? (IsFinished ? null : SocketEndPoints.Remote(_socket.View));

    public override Socket? Socket => IsFinished ? null : _socket.View;

    /// <summary>The socket's number.</summary>
    private protected int Descriptor { get; }

    internal override bool SendsFiles => true;

    private protected override long SendFileNow(FileStream file, long offset, long count) =>
        SendFileResult.Check(Libc.SendFile(Descriptor, file.SafeFileHandle, offset, count));

    internal override int TrySendOnAnyThread(ReadOnlySpan<byte> data) => Math.Max(0, Libc.Send(Descriptor, data));

    internal override bool ReceivesOnAnyThread => true;

    internal override int TryReceiveOnAnyThread(Span<byte> buffer)
    {
        var count = Libc.Receive(Descriptor, buffer);
        if (count >= 0)
            return count;
        if (count == -Errno.EAGAIN)
            return -1;
        _receiveError = count;
        return 0;
    }

    internal override bool HasToReceive()
    {
        if (IsFinished || _receiveError != 0)
            return true;
        var found = Libc.Peek(Descriptor);
        if (found == -Errno.EAGAIN)
            return false;
        if (found < 0)
            _receiveError = found; // the kernel tells an error once
        return true;
    }

    internal override void SetReadable(bool value)
    {
        if (!value)
        {
            State &= ~TransportState.Readable;
            return;
        }
        State |= TransportState.Readable;
        OnReadingResumed(); // what is received now may not be all
    }

    /// <summary>It is received by system calls from now on.</summary>
    private protected void NoteKind()
    {
        // A receive ends behind data that a descriptor was sent along with. What is queued behind it is no event.
        if (_socket.IsUnix)
            State |= TransportState.InPieces;
    }

    private protected override int Receive(Span<byte> buffer) => _receiveError == 0 ? Libc.Receive(Descriptor, buffer) : _receiveError;

    /// <summary>What a ring is asked for, to do what <see cref="EpollStream.SendNow"/> does. The data stays where it is until that is done.</summary>
    internal SubmissionEntry SendEntry(Span<byte> data) => SubmissionEntry.Send(Descriptor, data);

    private protected override int Send(ReadOnlySpan<byte> data) => Libc.Send(Descriptor, data);

    private protected override void EndSending() => _ = Libc.ShutdownSending(Descriptor);

    private protected override Exception Failure(string what, int error) => Errno.Exception(error, $"{what} failed");

    private protected sealed override int ReceivingProcessor => Libc.ReceivingProcessor(Descriptor);

    private protected override Socket TakeSocket()
    {
        base.Release();
        return DetachSocket();
    }

    private protected Socket DetachSocket()
    {
        _ = LocalEndPoint; // which can still be asked for
        return _socket.Detach();
    }

    private protected override void Release()
    {
        Poller.Remove(Watch, closes: _socket.IsUnseen);
        CloseSocket();
    }

    private protected void CloseSocket() => _socket.Close();
}
