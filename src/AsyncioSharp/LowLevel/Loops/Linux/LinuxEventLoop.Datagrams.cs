using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

public abstract partial class LinuxEventLoop
{
    private ReceivedDatagrams? _received;
    private ReceivedDatagrams? _receivedOfUnix;

    /// <summary>Where to receive datagrams: lent, so that nothing can receive there before all were delivered. There is one for all
    /// endpoints of a kind, as one of them has its turn at a time; it is made for the first.</summary>
    internal ReceivedDatagrams LendDatagrams(bool isUnix)
    {
        ref var kept = ref isUnix ? ref _receivedOfUnix : ref _received;
        var lent = kept ?? new ReceivedDatagrams(isUnix);
        kept = null;
        return lent;
    }

    /// <summary>What <see cref="LendDatagrams"/> has lent is free again.</summary>
    internal void TakeBack(ReceivedDatagrams lent) => (lent.IsUnix ? ref _receivedOfUnix : ref _received) = lent;

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
