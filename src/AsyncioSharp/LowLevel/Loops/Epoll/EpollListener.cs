using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>Accepts connections on an epoll loop.</summary>
internal sealed class EpollListener(LinuxEventLoop loop, Server server, Socket socket, Func<StreamProtocol> factory, ServerOptions options)
    : Listener(loop, server, socket, factory, options), IEpollClient
{
    private EpollWatch? _watch;
    private int _failures; // in a row

    /// <summary>Whether the program has disposed of the socket, whose number may be another's by now.</summary>
    public bool HasLostSocket => Socket.SafeHandle.IsClosed;

    // Level-triggered, unlike connections: what one turn leaves in the queue is told again.
    public override void Start() =>
        _watch ??= loop.Poller.Add(this, (int)Socket.SafeHandle.DangerousGetHandle(), EpollEvents.Readable);

    public void OnReady(EpollEvents events)
    {
        // As many as the queue can hold, and one: then the others have their turn.
        for (var i = 0; i <= Backlog && _watch is not null; i++)
        {
            if (!AcceptOne())
                break;
        }
    }

    private protected override void StopAccepting()
    {
        if (_watch is not { } watch)
            return;
        _watch = null;
        loop.Poller.Remove(watch);
    }

    private bool AcceptOne()
    {
        var peer = default(PeerAddress);
        if (!TryAccept(peer, out var accepted))
        {
            StopAccepting(); // the program disposed of the socket
            return false;
        }
        if (accepted >= 0)
        {
            _failures = 0;
            Begin(SocketDescriptor.OfAccepted(accepted, Socket.AddressFamily == AddressFamily.Unix), peer);
            return true;
        }
        switch (-accepted)
        {
            case Errno.EAGAIN:
                _failures = 0;
                return false;
            case var error when Errno.IsOfArrival(error) && ++_failures <= Errno.MostArrivals: // it came and went
                return true;
            default:
                _failures = 0;
                Pause(Errno.Exception(-accepted, "accept4 failed"));
                return false;
        }
    }

    // The descriptor is held for the call only: what runs afterwards is the program's and may close the server, and
    // disposing of a socket waits until nobody holds it.
    private bool TryAccept(Span<byte> peer, out int accepted)
    {
        var handle = Socket.SafeHandle;
        var held = false;
        try
        {
            handle.DangerousAddRef(ref held);
            accepted = Libc.Accept((int)handle.DangerousGetHandle(), peer);
            return true;
        }
        catch (ObjectDisposedException)
        {
            accepted = 0;
            return false;
        }
        finally
        {
            if (held)
                handle.DangerousRelease();
        }
    }

    private void Begin(SocketDescriptor socket, in PeerAddress peer)
    {
        if (ChooseOther(socket.Number) is { } other)
        {
            HandOver(socket, other);
            return;
        }
        if (MakeProtocol() is { } protocol)
        {
            try
            {
                _ = loop.NewTransport(socket, protocol, Server, peer);
                return;
            }
            catch (Exception e)
            {
                ReportUnmade(e);
            }
        }
        socket.Close();
    }

    private void HandOver(SocketDescriptor socket, Server other)
    {
        try
        {
            other.Adopt(socket.Detach());
        }
        catch (SocketException e)
        {
            ReportUnmade(e);
            socket.Close();
        }
    }
}
