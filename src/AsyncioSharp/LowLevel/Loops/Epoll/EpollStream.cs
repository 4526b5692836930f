namespace AsyncioSharp.LowLevel;

/// <summary>A stream of bytes over a descriptor on an epoll loop: what sockets and pipes have in common.</summary>
internal abstract partial class EpollStream : StreamTransport, IEpollClient
{
    private protected readonly EpollPoller Poller;

    private protected EpollStream(LinuxEventLoop loop, StreamProtocol protocol, Server? server, Future<bool>? made)
        : base(loop, protocol, server, made)
    {
        Poller = loop.Poller;
    }

    /// <summary>What epoll tells; set by <see cref="Begin(int, EpollEvents, bool)"/>.</summary>
    private protected EpollWatch Watch { get; private set; } = null!;

    public virtual void OnReady(EpollEvents events)
    {
        if ((State & TransportState.Starting) != 0)
            Begin();
        // Reading first: what a peer sent before it reset the connection is still to be had, writing would only fail.
        OnReadable(events);
        if ((State & TransportState.SendingFile) != 0 && Backlog.IsEmpty && (events & (EpollEvents.Writable | EpollEvents.Ending)) != 0)
            ContinueFile();
        if (!Backlog.IsEmpty && (events & (EpollEvents.Writable | EpollEvents.Ending)) != 0)
            SendKept();
    }

    /// <summary>The protocol is told in the first turn. The descriptor is not watched yet.</summary>
    private protected void BeginUnwatched(int descriptor)
    {
        Watch = new EpollWatch(Loop, this, descriptor);
        Watch.Queue();
    }

    /// <summary>Begins to watch the descriptor; the protocol is told in the first turn.</summary>
    /// <inheritdoc cref="EpollPoller.Add(EpollWatch, EpollEvents, bool)"/>
    private protected int Begin(int descriptor, EpollEvents events, bool always = false)
    {
        Watch = new EpollWatch(Loop, this, descriptor);
        var result = Poller.Add(Watch, events, always);
        if (result >= 0 || (always && result == -Errno.EPERM))
            Watch.Queue();
        return result;
    }

    /// <summary>The exception that tells of a failed call.</summary>
    private protected abstract Exception Failure(string what, int error);

    private protected override void Release() => Poller.Remove(Watch);
}
