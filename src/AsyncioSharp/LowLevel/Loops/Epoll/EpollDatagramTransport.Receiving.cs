using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

// Several datagrams by one system call.
internal sealed partial class EpollDatagramTransport
{
    /// <summary>Receives datagrams, as many as there are and are good for the others.</summary>
    /// <returns>False if there may be more.</returns>
    private bool ReceiveAll()
    {
        if (IsClosing)
            return true;
        var datagrams = _loop.LendDatagrams(_family == AddressFamily.Unix);
        try
        {
            for (var left = MaxReceivesInATurn; left > 0;)
            {
                var wanted = Math.Min(left, datagrams.Capacity);
                var count = datagrams.Receive(_socket.Number, wanted);
                if (count == -Errno.EAGAIN)
                    return true;
                left -= Math.Max(count, 1);
                if (count < 0)
                    TellError(Errno.SocketErrorOf(-count), "Receiving");
                else
                    DeliverAll(datagrams, count);
                // Fewer than wanted were all. If it was an error that came between, the kernel has kept it for the next
                // call, and epoll, which was told of it, still finds it.
                if (IsClosing || count >= 0 && count < wanted)
                    return true;
            }
            return false;
        }
        finally
        {
            _loop.TakeBack(datagrams);
        }
    }

    private void DeliverAll(ReceivedDatagrams datagrams, int count)
    {
        // What answers a single one need not be copied before it is sent.
        _gathered = count > 1 ? datagrams.Answers : null;
        try
        {
            for (var i = 0; i < count && !IsClosing; i++)
                Deliver(datagrams.Data(i), _loop.EndPoints.Get(datagrams.Address(i)));
        }
        finally
        {
            // No more, also what the protocol sends when it is told of an error: nobody would send that, but another endpoint with its own.
            var gathered = _gathered;
            _gathered = null;
            Send(gathered);
        }
    }
}
