using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

public sealed partial class PortableEventLoop
{
    private protected override DatagramTransport StartDatagrams(
        Socket socket, bool isOwn, DatagramProtocol protocol, EndPoint? remote, bool isConnected, Future<bool> made) =>
        new PortableDatagramTransport(this, socket, protocol, remote, isConnected, made);
}
