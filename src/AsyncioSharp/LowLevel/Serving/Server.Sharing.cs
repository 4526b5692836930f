using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

// One of several servers that are one together, each on a loop of its own.
public sealed partial class Server
{
    /// <summary>What spreads connections over the servers; null if it is alone.</summary>
    internal Balancer? Balancer { get; set; }

    /// <summary>Its place among them.</summary>
    internal int Place { get; set; }

    /// <summary>Whether it was ended together with its connections. One that comes from another loop afterwards has to end, too: nobody
    /// else would end it.</summary>
    internal bool EndsWhatMoves { get; private set; }

    /// <summary>Makes the protocols of its connections.</summary>
    internal Func<StreamProtocol> Factory { get; init; } = null!;

    /// <summary>As <see cref="ShutdownAsync"/>, together with the other parts: until these have ended too, or the time is over, their connections may
    /// still move here.</summary>
    internal Coroutine<int> ShutDownPartAsync(TimeSpan? grace) => ShutDownAsync(grace, mayBeMovedTo: true);

    /// <summary>It was not started on all loops: what it had already has nobody else to end it.</summary>
    internal void Abandon()
    {
        Close();
        AbortClients();
        EndsWhatMoves = true;
    }

    /// <summary>A server of another loop has accepted a connection for this one. Called on that loop's thread.</summary>
    internal void Adopt(Socket socket)
    {
        Balancer!.Count(this, 1); // from now on, so that the next goes elsewhere
        Loop.PostOrDrop(new Adoption(this, socket));
    }

    /// <summary>A connection that this one had, and cannot serve, is for another one. On any thread.</summary>
    internal void PassOn(Socket socket)
    {
        if ((Balancer!.ChooseOther(this, socket.Handle) ?? Balancer.ChooseHeir()) is { } other)
            other.Adopt(socket);
        else
            socket.Dispose();
    }

    /// <summary>It is a part of a server: nobody closes those of a loop that ends by itself.</summary>
    internal void NoteEndOfLoop() => Loop.Ending += LeaveLoop;

    private void LeaveOthers()
    {
        Balancer?.Leave(this);
        Loop.Ending -= LeaveLoop;
    }

    // The loop ends, and the others go on: what it listens on is theirs from now on, with those who have connected and were not accepted
    // yet. On the loop's thread.
    private void LeaveLoop()
    {
        if (!IsServing)
        {
            Close(); // it was not started yet, and will not be on the others either
            return;
        }
        Balancer!.Leave(this);
        var listeners = _listeners!;
        _listeners = []; // not closed: connections go on until they have ended, or are cancelled
        IsServing = false;
        foreach (var listener in listeners)
        {
            listener.LetGo();
            PassOn(listener);
        }
    }

    private void PassOn(Listener listener)
    {
        if (Balancer!.ChooseHeir() is { } heir)
            heir.Loop.PostOrDrop(new Inheritance(heir, listener));
        else
            listener.Dispose(); // the server ends with its last loop, or was closed on the others
    }

    private void Inherit(Listener from)
    {
        EnterContext();
        if (Balancer!.HasLeft(this))
        {
            PassOn(from); // it was closed meanwhile, or its loop ends, too
            return;
        }
        Listener listener;
        try
        {
            listener = Loop.TakeOver(from, this, Factory, _options);
        }
        catch (Exception e)
        {
            from.Dispose(); // nobody else has it: clients would connect, and wait for ever
            Loop.CallExceptionHandler(new ExceptionContext(
                "A server has lost an address: the loop that listened there has ended, and this one cannot take it over.")
            {
                Exception = e,
                Source = this,
            });
            return;
        }
        _listeners!.Add(listener);
        if (IsServing && !IsFull)
            listener.Resume();
    }

    // The loop has closed with what it had been given. No other thread can tell when it will: some may come until the others know.
    private void GiveBack(Socket socket)
    {
        Balancer!.Count(this, -1);
        Balancer.Leave(this);
        PassOn(socket);
    }

    private void Begin(Socket socket)
    {
        Balancer!.Count(this, -1); // the transport counts
        if (!IsServing)
        {
            if (_listeners is null)
                socket.Dispose(); // it was closed
            else
                PassOn(socket);
            return;
        }
        EnterContext();
        try
        {
            Loop.StartAccepted(socket, EventLoop.MakeProtocol(Factory), this);
        }
        catch (Exception e)
        {
            socket.Dispose();
            Loop.CallExceptionHandler(new ExceptionContext("A connection was accepted and closed again, as it could not be set up.")
            {
                Exception = e,
                Source = this,
            });
        }
    }

    private sealed class Adoption(Server server, Socket socket) : InboxItem
    {
        internal override void Run() => server.Begin(socket);

        internal override void Dropped() => server.GiveBack(socket);
    }

    private sealed class Inheritance(Server server, Listener from) : InboxItem
    {
        internal override void Run() => server.Inherit(from);

        internal override void Dropped()
        {
            server.Balancer!.Leave(server);
            server.PassOn(from);
        }
    }
}
