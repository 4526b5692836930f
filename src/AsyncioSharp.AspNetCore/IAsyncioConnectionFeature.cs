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
}
