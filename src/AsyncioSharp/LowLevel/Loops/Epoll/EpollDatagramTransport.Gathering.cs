using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

// What the protocol sends while it is handed several datagrams leaves by one system call, after the last of them.
internal sealed partial class EpollDatagramTransport
{
    private const int Overhead = DatagramBacklog.Overhead;

    private GatheredDatagrams? _gathered; // while datagrams are delivered

    private protected override int GatheredSize => _gathered is { } gathered ? gathered.Size + gathered.Count * Overhead : 0;

    /// <summary>Gathers a datagram if that is what is done now.</summary>
    /// <returns>Success if it is to be sent by itself.</returns>
    private SocketError Gather(ReadOnlySpan<byte> data, EndPoint? remote)
    {
        if (_gathered is not { } gathered)
            return SocketError.Success;
        if (!HasRoom(gathered, data.Length))
        {
            SendGathered();
            if (!Backlog.IsEmpty)
                return SocketError.WouldBlock;
            if (!HasRoom(gathered, data.Length))
                return SocketError.Success;
        }
        gathered.Add(data, remote, _family);
        return SocketError.IOPending;
    }

    // Above the high mark the protocol would have to be held up, though the system might take it all.
    private bool HasRoom(GatheredDatagrams gathered, int length) =>
        gathered.HasRoomFor(length) && GatheredSize + length + Overhead <= WriteBufferLimits.High;

    private protected override void SendGathered() => Send(_gathered);

    private void Send(GatheredDatagrams? gathered)
    {
        if (gathered is not { Count: > 0 })
            return;
        Span<SocketError> errors = stackalloc SocketError[GatheredDatagrams.Capacity];
        var failed = 0;
        var next = 0;
        while (next < gathered.Count)
        {
            var result = gathered.Send(_socket.Number, next);
            if (result == -Errno.EAGAIN)
                break;
            if (result < 0)
            {
                errors[failed++] = Errno.SocketErrorOf(-result);
                next++;
                continue;
            }
            for (var end = next + result; next < end; next++)
                Loop.Counters.BytesSent += gathered.Data(next).Length;
        }
        var isKept = next < gathered.Count;
        for (; next < gathered.Count; next++)
            Backlog.Append(gathered.Data(next), gathered.Remote(next));
        gathered.Clear(); // before the protocol is called, which may send
        if (isKept)
            OnKept();
        foreach (var error in errors[..failed])
            TellError(error, "Sending");
        PauseIfFull();
    }
}
