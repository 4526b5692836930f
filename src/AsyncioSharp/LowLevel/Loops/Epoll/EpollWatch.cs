namespace AsyncioSharp.LowLevel;

/// <summary>
/// A watched descriptor. What epoll tells of it is gathered here, and the client called in its turn, behind what was
/// ready before.
/// </summary>
internal class EpollWatch : Runnable
{
    private readonly EventLoop _loop;
    private readonly ExecutionContext? _context;
    private EpollEvents _events;
    private bool _queued;

    /// <summary>Who is called; null once the watch has ended.</summary>
    internal IEpollClient? Client;

    internal EpollWatch(EventLoop loop, IEpollClient? client, int descriptor)
    {
        _loop = loop;
        _context = loop.ContextToKeep(null);
        Client = client;
        Descriptor = descriptor;
    }

    internal int Descriptor { get; }

    /// <summary>Its place in the poller's table.</summary>
    internal uint Slot { get; set; }

    /// <summary>Whether its descriptor is known to be closed, so that the number may be another's.</summary>
    internal virtual bool IsClosed => false;

    /// <summary>Has the client called with events.</summary>
    internal virtual void Signal(EpollEvents events)
    {
        _events |= events;
        Queue();
    }

    /// <summary>Has the client called in its turn.</summary>
    internal void Queue()
    {
        if (_queued)
            return;
        _queued = true;
        _loop.Ready.Enqueue(this);
    }

    /// <summary>Its descriptor was closed, and another with the same number is watched in its place.</summary>
    internal virtual void Displaced() => Client = null;

    internal override void Run()
    {
        _queued = false;
        var events = _events;
        _events = EpollEvents.None;
        if (Client is not { } client)
            return;
        if (_context is not null)
            ExecutionContext.Restore(_context); // the loop restores its own after each callback
        client.OnReady(events);
    }

    public override string ToString() => $"{Client?.GetType().Name ?? "a closed descriptor"} {Descriptor}";
}
