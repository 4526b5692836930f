namespace AsyncioSharp;

/// <summary>Which loop of a <see cref="LoopGroup"/> gets a connection that was accepted.</summary>
public enum ConnectionBalancing
{
    /// <summary>Where loops have processors of their own (<see cref="LoopPlacement.OwnProcessor"/>), the one on whose processor the system
    /// has received the connection, as long as it has not many more than twice as many as another; otherwise as
    /// <see cref="LeastConnections"/>.</summary>
    Nearest,

    /// <summary>The one that has the fewest. Where each loop accepts by itself, it keeps what the system gives it as long as it has
    /// not many more than another.</summary>
    LeastConnections,

    /// <summary>Each in turn.</summary>
    RoundRobin,

    /// <summary>The one that has accepted it. Where several sockets share a port the system spreads connections over them by
    /// their addresses, so that of few connections one loop may get most.</summary>
    System,
}
