using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>A datagram endpoint on a portable loop.</summary>
internal sealed class PortableDatagramTransport : SocketDatagramTransport, ISocketOwner
{
    private readonly PortableEventLoop _loop;
    private readonly Socket _socket;
    private readonly PortableReceiver _receiver;
    private readonly SocketOperation _arrival;
    private SocketOperation? _send;
    private SocketView _view;
    private EndPoint? _localEndPoint;
    private bool _hasArrived;

    /// <summary>Makes the transport of a socket that does not block.</summary>
    public PortableDatagramTransport(
        PortableEventLoop loop, Socket socket, DatagramProtocol protocol, EndPoint? remote, bool isConnected, Future<bool> made)
        : base(loop, protocol, remote, isConnected, made)
    {
        _loop = loop;
        _socket = socket;
        _receiver = new PortableReceiver(socket);
        _arrival = new SocketOperation(loop, this);
        loop.Add(this);
        loop.CallSoon(static transport => transport.Start(), this);
    }

    public override EndPoint? LocalEndPoint => _localEndPoint ??= IsFinished ? null : SocketEndPoints.Local(_socket);

    public override Socket? Socket => IsFinished ? null : _view.Of(_socket);

    private protected override bool IsFrontLent => _send is { IsPending: true };

    Socket ISocketOwner.Owned => _socket;

    public void OnCompleted(SocketOperation operation)
    {
        if (ReferenceEquals(operation, _arrival))
            TakeArrival();
        else if ((State & TransportState.Lost) == 0)
            TakeSent();
    }

    private protected override SocketError Send(ReadOnlySpan<byte> data, EndPoint? remote)
    {
        try
        {
            var error = SocketError.Success;
            if (remote is null)
                SocketCalls.Send(_socket, data, out error);
            else
                SocketCalls.SendTo(_socket, data, remote);
            return error;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
        catch (ObjectDisposedException)
        {
            return SocketError.OperationAborted; // the program disposed of a socket that it had passed in
        }
    }

    private protected override void OnKept()
    {
        if (_socket.AddressFamily == AddressFamily.Unix && !IsConnected)
            FlushLater();
        else if (_send is not { IsPending: true })
            SendNext();
    }

    private protected override void Release()
    {
        _loop.Remove(this);
        _view.Dispose();
        _socket.Dispose();
        _arrival.Dispose();
        _send?.Dispose();
    }

    private void Start()
    {
        if (IsFinished)
            return;
        Begin();
        AwaitArrival();
    }

    private void AwaitArrival()
    {
        if (IsClosing || _arrival.IsPending)
            return;
        try
        {
            if (_arrival.Began(_receiver.BeginArrival(_arrival.Arguments)))
                return;
        }
        catch (ObjectDisposedException)
        {
            Abort();
            return;
        }
        Loop.CallSoon(static transport => transport.TakeArrival(), this);
    }

    private void TakeArrival()
    {
        if (IsClosing)
            return;
        var error = PortableReceiver.ErrorOf(_arrival.Arguments);
        _hasArrived = error == SocketError.Success;
        if (error == SocketError.OperationAborted)
        {
            Abort();
            return;
        }
        if (!_hasArrived)
            TellError(error, "Receiving");
        ReceiveAll();
        AwaitArrival(); // of what is left, at once
    }

    private void ReceiveAll()
    {
        var buffer = Loop.ReceiveBuffer;
        for (var i = 0; i < MaxReceivesInATurn && !IsClosing; i++)
        {
            var error = Receive(buffer, out var count, out var sender);
            if (error == SocketError.WouldBlock)
                return;
            if (error == SocketError.Success)
                Deliver(buffer.AsSpan(0, count), sender!);
            else
                TellError(error, "Receiving");
        }
    }

    // It is asked only for what is known to be there: to be told that there is nothing takes an exception.
    private SocketError Receive(Span<byte> buffer, out int count, out EndPoint? sender)
    {
        (count, sender) = (0, null);
        try
        {
            if (!_hasArrived && _socket.Available == 0)
                return SocketError.WouldBlock;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return SocketError.WouldBlock; // waiting for the next tells
        }
        _hasArrived = false;
        var error = _receiver.Receive(buffer, out var result);
        (count, sender) = (result.ReceivedBytes, result.RemoteEndPoint);
        return error;
    }

    private void SendNext()
    {
        var send = _send ??= new SocketOperation(Loop, this);
        while (!Backlog.IsEmpty && !send.IsPending)
        {
            var arguments = send.Arguments;
            arguments.SetBuffer(Backlog.Front);
            arguments.RemoteEndPoint = Backlog.FrontRemote;
            bool pending;
            try
            {
                pending = arguments.RemoteEndPoint is null ? SocketCalls.SendAsync(_socket, arguments) : SocketCalls.SendToAsync(_socket, arguments);
            }
            catch (ObjectDisposedException)
            {
                Abort();
                return;
            }
            if (send.Began(pending))
                return;
            TakeOne(arguments);
        }
    }

    private void TakeSent()
    {
        TakeOne(_send!.Arguments);
        if ((State & TransportState.Lost) == 0)
            SendNext();
    }

    private void TakeOne(SocketAsyncEventArgs arguments)
    {
        Backlog.Advance();
        Loop.Counters.BytesSent += arguments.BytesTransferred;
        if (arguments.SocketError != SocketError.Success)
            TellError(arguments.SocketError, "Sending");
        OnSent();
    }
}
