using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

public abstract partial class LinuxEventLoop
{
    private protected override DatagramTransport StartDatagrams(
        Socket socket, bool isOwn, DatagramProtocol protocol, EndPoint? remote, bool isConnected, Future<bool> made)
    {
        var family = socket.AddressFamily;
        var descriptor = isOwn ? SocketDescriptor.OfOwn(socket) : SocketDescriptor.OfForeign(socket);
        try
        {
            if (!isOwn)
                NoteTakenOver(socket);
            return new EpollDatagramTransport(this, descriptor, family, protocol, remote, isConnected, made);
        }
        catch
        {
            descriptor.Close();
            throw;
        }
    }
}
