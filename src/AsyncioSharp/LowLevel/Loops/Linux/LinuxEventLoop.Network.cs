using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

public abstract partial class LinuxEventLoop
{
    private protected override bool HasNetwork => true;

    /// <summary>Makes the transport of a connection that was made here.</summary>
    internal virtual EpollTransport NewTransport(SocketDescriptor socket, StreamProtocol protocol, EndPoint? remote, Future<bool> made) =>
        new(this, socket, protocol, remote, made);

    /// <summary>Makes the transport of a connection that a server accepted.</summary>
    internal virtual EpollTransport NewTransport(SocketDescriptor socket, StreamProtocol protocol, Server server, in PeerAddress peer) =>
        new(this, socket, protocol, server, peer);

    private protected override async Coroutine ConnectAsync(Socket socket, EndPoint remote)
    {
        // Not Socket.Connect: that throws an exception to say that the attempt has begun.
        socket.Blocking = false;
        var descriptor = (int)socket.SafeHandle.DangerousGetHandle(); // the caller holds the socket, and nobody else has it
        var address = remote.Serialize();
        var result = Libc.Connect(descriptor, address.Buffer.Span[..address.Size]);
        if (result is -Errno.EINPROGRESS or -Errno.EINTR)
        {
            await new EpollConnect(this, socket, descriptor).WaitAsync();
            var error = (SocketError)(int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
            if (error != SocketError.Success)
                throw SocketErrors.NotConnected(error, remote);
        }
        else if (result < 0)
        {
            throw Errno.Exception(-result, $"Connecting to {remote} failed");
        }
    }

    private protected override Transport StartConnection(Socket socket, bool isOwn, StreamProtocol protocol, EndPoint? remote, Future<bool> made)
    {
        socket.Blocking = false;
        if (!isOwn)
            NoteTakenOver(socket);
        var descriptor = isOwn ? SocketDescriptor.OfOwn(socket) : SocketDescriptor.OfForeign(socket);
        try
        {
            return NewTransport(descriptor, protocol, remote ?? SocketEndPoints.Remote(socket), made);
        }
        catch
        {
            descriptor.Close();
            throw;
        }
    }

    private protected override Listener Listen(Server server, Socket socket, Func<StreamProtocol> factory, ServerOptions options) =>
        new EpollListener(this, server, socket, factory, options);
}
