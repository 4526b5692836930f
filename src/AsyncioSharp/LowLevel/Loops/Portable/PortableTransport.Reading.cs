using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

// Reading: a receive into no memory ends as soon as there is something, so that connections which wait need no buffer;
// then it is received at once. One receive in a turn, so that a peer that sends without end does not hold the others up.
internal sealed partial class PortableTransport
{
    private readonly SocketOperation _arrival;

    internal override int TryReceive(Span<byte> buffer) => HasToRead ? Receive(buffer) : 0;

    private protected override void OnReadingResumed()
    {
        if (HasToRead)
            Queue();
        else
            AwaitArrival();
    }

    private void Read()
    {
        if (!HasToRead)
            return;
        if (Plain is not null)
            Read(Plain);
        else if (!Buffered!.TryLeaveData())
            Read(Buffered);
        if (HasToRead)
            Queue();
    }

    private void Read(Protocol protocol)
    {
        var buffer = Loop.ReceiveBuffer.AsSpan();
        var count = Receive(buffer);
        if (count > 0)
            Deliver(protocol, buffer[..count]);
    }

    private void Read(BufferedProtocol protocol)
    {
        if (!TryGetBuffer(protocol, out var buffer))
            return;
        var count = Receive(buffer);
        if (count > 0)
            Deliver(protocol, count);
    }

    // How much it was; 0 if there was no data, and the end or the loss of the connection is told.
    private int Receive(Span<byte> buffer)
    {
        var count = 0;
        SocketError error;
        try
        {
            count = SocketCalls.Receive(_socket, buffer, out error);
        }
        catch (ObjectDisposedException)
        {
            error = SocketError.OperationAborted; // the program disposed of a socket that it had passed in
        }
        if (count == buffer.Length)
            return count;
        // What fills less than the buffer was all there was.
        State &= ~TransportState.Readable;
        if (count == 0 && error == SocketError.Success)
            error = _arrival.Arguments.SocketError; // it was told there, which a receive may not do again
        if (error == SocketError.WouldBlock || count > 0)
            AwaitArrival();
        else if (error == SocketError.Success)
            ReadEof();
        else
            ForceClose(SocketErrors.Exception(error, "Receiving failed"));
        return count;
    }

    private void AwaitArrival()
    {
        if ((State & (TransportState.NotReading | TransportState.Readable | TransportState.Finished)) != 0 || _arrival.IsPending)
            return;
        try
        {
            if (_arrival.Began(SocketCalls.ReceiveAsync(_socket, _arrival.Arguments)))
                return;
        }
        catch (ObjectDisposedException)
        {
            _arrival.Arguments.SocketError = SocketError.OperationAborted;
        }
        State |= TransportState.Readable;
        Queue();
    }
}
