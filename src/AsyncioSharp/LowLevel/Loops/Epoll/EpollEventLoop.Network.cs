using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

public sealed partial class EpollEventLoop
{
    /// <summary>There is one as soon as there are servers.</summary>
    internal SpareDescriptor? Spare { get; private set; }

    private protected override bool HasNetwork => true;

    private protected override async Coroutine ConnectAsync(Socket socket, IPEndPoint remote)
    {
        // Not Socket.Connect: that throws an exception to say that the attempt has begun.
        socket.Blocking = false;
        var descriptor = (int)socket.SafeHandle.DangerousGetHandle(); // the caller holds the socket, and nobody else has it
        var address = remote.Serialize();
        var result = Libc.Connect(descriptor, address.Buffer.Span[..address.Size]);
        if (result is -Errno.EINPROGRESS or -Errno.EINTR)
        {
            await new EpollConnect(this, descriptor).WaitAsync();
            var error = (SocketError)(int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
            if (error != SocketError.Success)
                throw Refused(remote, error);
        }
        else if (result < 0)
        {
            throw Errno.Exception(-result, $"Connecting to {remote} failed");
        }
    }

    private protected override Transport StartConnection(Socket socket, bool isOwn, StreamProtocol protocol, EndPoint? remote, Future<bool> made)
    {
        socket.Blocking = false;
        if (!isOwn && socket.ProtocolType == ProtocolType.Tcp)
            socket.NoDelay = true;
        var descriptor = isOwn ? SocketDescriptor.OfOwn(socket) : SocketDescriptor.OfForeign(socket);
        try
        {
            return new EpollTransport(this, descriptor, protocol, remote ?? PeerAddress.Of(socket), made);
        }
        catch
        {
            descriptor.Close();
            throw;
        }
    }

    private protected override Listener Listen(Server server, Socket socket, Func<StreamProtocol> factory, int backlog)
    {
        // A server can run out of descriptors, and must still be able to report it.
        _ = Console.Error;
        Spare ??= new SpareDescriptor();
        var listener = new EpollListener(this, server, socket, factory, backlog);
        Listeners.Add(listener);
        return listener;
    }

    private static SocketException Refused(IPEndPoint remote, SocketError error) =>
        new((int)error, $"Connecting to {remote} failed: {new SocketException((int)error).Message}");
}
