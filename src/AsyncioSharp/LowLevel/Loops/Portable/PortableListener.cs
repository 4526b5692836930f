using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>Accepts connections on a portable loop.</summary>
internal sealed class PortableListener(PortableEventLoop loop, Server server, Socket socket, Func<StreamProtocol> factory, ServerOptions options)
    : Listener(loop, server, socket, factory, options), ISocketOwner
{
    private SocketOperation? _accept;
    private Socket? _held; // accepted after it was stopped: an accept that has begun cannot be taken back
    private bool _stopped = true;

    public override void Start()
    {
        if (!_stopped)
            return;
        _stopped = false;
        _accept ??= new SocketOperation(loop, this);
        if (_held is { } held)
        {
            _held = null;
            Begin(held);
        }
        AcceptMore();
    }

    Socket ISocketOwner.Owned => Socket;

    public void OnCompleted(SocketOperation operation)
    {
        if (Take(operation.Arguments) && !_stopped)
            Accept(operation);
    }

    private protected override void StopAccepting()
    {
        _stopped = true;
        if (!IsClosed)
            return;
        _held?.Dispose();
        _accept?.Dispose();
    }

    // .NET has begun to accept, and cannot be stopped: the next connection comes here, at any time.
    private protected override void OnLetGo()
    {
        if (_held is { } held)
            Server.PassOn(held);
        _held = null;
        if (_accept is null)
            return;
        _accept.PassesOn = Server.PassOn;
        _accept.Dispose();
    }

    // As many as the queue can hold, and one: then the others have their turn.
    private void Accept(SocketOperation operation)
    {
        for (var i = 0; i <= Backlog && !_stopped; i++)
        {
            var arguments = operation.Arguments;
            arguments.AcceptSocket = null;
            try
            {
                if (operation.Began(SocketCalls.AcceptAsync(Socket, arguments)))
                    return;
            }
            catch (ObjectDisposedException)
            {
                _stopped = true; // the program disposed of the socket
            }
            if (_stopped || !Take(arguments))
                return;
        }
        if (!_stopped)
            loop.CallSoon(static listener => listener.AcceptMore(), this);
    }

    private void AcceptMore()
    {
        if (!_stopped && _accept is { IsPending: false } accept)
            Accept(accept);
    }

    // Whether there may be more.
    private bool Take(SocketAsyncEventArgs arguments)
    {
        switch (arguments.SocketError)
        {
            case SocketError.Success:
                var accepted = arguments.AcceptSocket!;
                arguments.AcceptSocket = null;
                if (_stopped)
                    _held = accepted;
                else
                    Begin(accepted);
                return true;
            case SocketError.ConnectionAborted or SocketError.ConnectionReset: // it came and went
                return true;
            case SocketError.OperationAborted: // the program disposed of the socket
                _stopped = true;
                return false;
            default:
                Pause(SocketErrors.Exception(arguments.SocketError, "Accepting failed"));
                return false;
        }
    }

    private void Begin(Socket accepted)
    {
        if (ChooseOther(accepted.Handle) is { } other)
        {
            other.Adopt(accepted);
            return;
        }
        if (MakeProtocol() is { } protocol)
        {
            try
            {
                _ = new PortableTransport(loop, accepted, protocol, null, Server, null);
                return;
            }
            catch (Exception e)
            {
                ReportUnmade(e);
            }
        }
        accepted.Dispose();
    }
}
