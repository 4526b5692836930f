using AsyncioSharp.LowLevel;

namespace AsyncioSharp.AspNetCore;

/// <summary>A feature of connections, and of the requests on them, that are carried by an event loop.</summary>
public interface IAsyncioConnectionFeature
{
    /// <summary>The loop that owns the connection.</summary>
    EventLoop Loop { get; }

    /// <summary>Moves to the loop's thread, for code that has left it: what comes after awaiting this runs there, on behalf of the
    /// connection's task. It does nothing for code that is there.</summary>
    LoopSwitch SwitchToLoop();

    /// <summary>
    /// Has another loop serve the connection, and keep it: the one that has the data of this client, say. It goes there as soon as it has
    /// been answered all that it has asked; not if that loop has ended by then (<see cref="LoopGroup.HasStopped"/>). With HTTP/1 only,
    /// while a request is handled.
    /// </summary>
    /// <param name="loop">One of the loops that carry the server's connections (<see cref="LoopGroup.Loops"/>).</param>
    /// <exception cref="ArgumentException">It is none of them.</exception>
    /// <exception cref="InvalidOperationException">No request of HTTP/1 is being handled.</exception>
    void MoveTo(EventLoop loop);
}
