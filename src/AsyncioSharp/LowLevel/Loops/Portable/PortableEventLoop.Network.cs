using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

public sealed partial class PortableEventLoop
{
    private protected override bool HasNetwork => true;

    private protected override Coroutine ConnectAsync(Socket socket, EndPoint remote) => ConnectAsync(socket, isOwn: true, remote);

    private async Coroutine ConnectAsync(Socket socket, bool isOwn, EndPoint remote)
    {
        var connect = new PortableConnect(this, socket, isOwn, remote);
        await connect.WaitAsync();
        if (connect.Result != SocketError.Success)
            throw SocketErrors.NotConnected(connect.Result, remote);
    }

    private protected override Transport StartConnection(Socket socket, bool isOwn, StreamProtocol protocol, EndPoint? remote, Future<bool> made) =>
        new PortableTransport(this, socket, protocol, remote, server: null, made);

    private protected override Listener Listen(Server server, Socket socket, Func<StreamProtocol> factory, ServerOptions options) =>
        new PortableListener(this, server, socket, factory, options);
}
