using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>Accepts connections on an epoll loop.</summary>
internal sealed class EpollListener(EpollEventLoop loop, Server server, Socket socket, Func<StreamProtocol> factory, int backlog)
    : Listener(socket), IEpollClient
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private EpollWatch? _watch;
    private TimerHandle _retry;
    private bool _closed;
    private bool _reported;

    // Level-triggered, unlike connections: what one turn leaves in the queue is told again.
    public override void Start() =>
        _watch ??= loop.Poller.Add(this, (int)Socket.SafeHandle.DangerousGetHandle(), EpollEvents.Readable);

    public override void Stop()
    {
        Unwatch();
        _retry.Cancel();
    }

    public override void Close()
    {
        if (_closed)
            return;
        _closed = true;
        Stop();
        loop.Listeners.Remove(this);
        Socket.Dispose();
    }

    public void OnLoopClosing()
    {
        _closed = true;
        Unwatch();
        Socket.Dispose();
    }

    public void OnReady(EpollEvents events)
    {
        // As many as the queue can hold, and one: then the others have their turn.
        for (var i = 0; i <= backlog && !_closed; i++)
        {
            if (!AcceptOne())
                break;
        }
    }

    public override string ToString() => $"<Listener {Socket.LocalEndPoint}>";

    private bool AcceptOne()
    {
        var peer = default(PeerAddress);
        if (!TryAccept(peer, out var accepted))
        {
            Unwatch(); // the program disposed of the socket
            return false;
        }
        if (accepted >= 0)
        {
            _reported = false;
            Begin(SocketDescriptor.OfAccepted(accepted), peer);
            return true;
        }
        switch (-accepted)
        {
            case Errno.EAGAIN:
                return false;
            case Errno.ECONNABORTED: // it came and went
                return true;
            default:
                Pause(-accepted);
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
        try
        {
            var protocol = factory();
            if (!_closed)
            {
                _ = new EpollTransport(loop, socket, protocol, server, peer);
                return;
            }
        }
        catch (Exception e)
        {
            socket.Close();
            Report("A connection was accepted and closed again, as its protocol could not be made.", e);
            return;
        }
        socket.Close(); // the factory closed the server, which takes no more clients
    }

    // Without descriptors or memory there is no use in trying at once; the connections wait in the system's queue.
    private void Pause(int error)
    {
        Unwatch();
        _retry = loop.CallLater(s_pause, static listener => listener.Retry(), this);
        if (_reported)
            return;
        _reported = true;
        loop.Spare!.LendTo(static state => state.Listener.ReportPause(state.Error), (Listener: this, Error: error));
    }

    private void ReportPause(int error) => Report(error is Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM
        ? "The system has no resources left to accept connections. It is tried again each second."
        : "Connections cannot be accepted. It is tried again each second.", Errno.Exception(error, "accept4 failed"));

    private void Retry()
    {
        if (!_closed)
            Start();
    }

    private void Unwatch()
    {
        if (_watch is not { } watch)
            return;
        _watch = null;
        loop.Poller.Remove(watch);
    }

    private void Report(string what, Exception exception) =>
        loop.CallExceptionHandler(new ExceptionContext(what) { Exception = exception, Source = this });
}
