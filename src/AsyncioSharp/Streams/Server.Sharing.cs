using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

// One of several servers that are one together, each on a loop of its own.
public sealed partial class Server
{
    private EndOfLoop? _endOfLoop;

    /// <summary>What spreads connections over the servers; null if it is alone.</summary>
    internal Balancer? Balancer { get; set; }

    /// <summary>Its place among them.</summary>
    internal int Place { get; set; }

    /// <summary>Whether it was ended together with its connections. One that comes from another loop afterwards has to end, too: nobody else would end
    /// it.</summary>
    internal bool EndsWhatMoves { get; private set; }

    /// <summary>Makes the protocols of its connections.</summary>
    internal Func<StreamProtocol> Factory { get; init; } = null!;

    /// <summary>A server of another loop has accepted a connection for this one. Called on that loop's thread.</summary>
    internal void Adopt(Socket socket)
    {
        Balancer!.Count(this, 1); // from now on, so that the next goes elsewhere
        Loop.PostOrDrop(new Adoption(this, socket));
    }

    private void NoteEndOfLoop()
    {
        if (Balancer is not null)
            Loop.TellOfClosing(_endOfLoop = new EndOfLoop(this));
    }

    private void LeaveOthers()
    {
        Balancer?.Leave(this);
        if (_endOfLoop is { } end)
            Loop.DoNotTellOfClosing(end);
    }

    // The loop has closed with what it had been given. No other thread can tell when it will: some may come until the others know.
    private void GiveBack(Socket socket)
    {
        Balancer!.Count(this, -1);
        Balancer.Leave(this);
        if (Balancer.ChooseOther(this, socket.Handle) is { } other)
            other.Adopt(socket);
        else
            socket.Dispose();
    }

    private void Begin(Socket socket)
    {
        Balancer!.Count(this, -1); // the transport counts
        if (!IsServing)
        {
            socket.Dispose();
            return;
        }
        try
        {
            Loop.StartAccepted(socket, EventLoop.MakeProtocol(Factory), this);
        }
        catch (Exception e)
        {
            socket.Dispose();
            Loop.CallExceptionHandler(new ExceptionContext("A connection was accepted and closed again, as its protocol could not be made.")
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

    // Never runs: it is only there to be told that the loop closes, as nobody closes the servers of one that ends by itself.
    private sealed class EndOfLoop(Server server) : Runnable
    {
        internal override void Run() { }

        internal override void Dropped() => server.Balancer!.Leave(server);
    }
}
