using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

// Writing: the system sends what it does not take at once in its own time, a segment after the other.
internal sealed partial class PortableTransport
{
    private SocketOperation? _send;

    internal override void SendNow(ReadOnlySpan<byte> data)
    {
        var sent = Send(data, out var error);
        Loop.Counters.BytesSent += sent;
        if (sent == data.Length)
            return;
        if (error is not (SocketError.Success or SocketError.WouldBlock))
        {
            ForceClose(SocketErrors.Exception(error, "Sending failed"));
            return;
        }
        Keep(data[sent..]);
        if (!Backlog.IsEmpty && _send is not { IsPending: true })
            SendNext();
    }

    private protected override void EndSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The connection is lost, which reading tells.
        }
    }

    private int Send(ReadOnlySpan<byte> data, out SocketError error)
    {
        try
        {
            return SocketCalls.Send(_socket, data, out error);
        }
        catch (ObjectDisposedException)
        {
            error = SocketError.OperationAborted;
            return 0;
        }
    }

    // What is lent to the system stays as it is until that is done with it, also when the connection is aborted meanwhile.
    private void SendNext()
    {
        var send = _send ??= new SocketOperation(Loop, this);
        while (!Backlog.IsEmpty && !send.IsPending)
        {
            send.Arguments.SetBuffer(Backlog.Lend());
            bool pending;
            try
            {
                pending = SocketCalls.SendAsync(_socket, send.Arguments);
            }
            catch (ObjectDisposedException)
            {
                ForceClose(SocketErrors.Exception(SocketError.OperationAborted, "Sending failed"));
                return;
            }
            // What is told of it may write again, and so come here itself.
            if (send.Began(pending) || !TakeSent(send.Arguments))
                return;
        }
    }

    private void OnSendCompleted(SocketAsyncEventArgs arguments)
    {
        if ((State & TransportState.Lost) == 0 && TakeSent(arguments))
            SendNext();
    }

    // Whether the connection goes on.
    private bool TakeSent(SocketAsyncEventArgs arguments)
    {
        if (arguments.SocketError == SocketError.Success)
        {
            Backlog.Advance(arguments.BytesTransferred);
            Loop.Counters.BytesSent += arguments.BytesTransferred;
            OnSent();
            return (State & TransportState.Lost) == 0;
        }
        ForceClose(SocketErrors.Exception(arguments.SocketError, "Sending failed"));
        return false;
    }
}
