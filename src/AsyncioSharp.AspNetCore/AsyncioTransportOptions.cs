using System.Net.Sockets;

namespace AsyncioSharp.AspNetCore;

/// <summary>How Kestrel's connections are carried by event loops.</summary>
public sealed class AsyncioTransportOptions
{
    /// <summary>How many loops, and how they are run; by default one for each processor and near it (<see cref="LoopPlacement.OwnProcessor"/>).
    /// Ctrl-C is the host's.</summary>
    public LoopGroupOptions Loops { get; set; } = new() { Placement = LoopPlacement.OwnProcessor };

    /// <summary>Loops that the program runs itself, in place of those of <see cref="Loops"/>. They are not stopped with the server.</summary>
    public LoopGroup? Group { get; set; }

    /// <summary>Which loop gets a connection. With <see cref="ConnectionBalancing.Nearest"/>, which is the default, and loops near their
    /// processors, connections of HTTP/1 also move between two requests, to where the system receives them; with the others they stay.</summary>
    public ConnectionBalancing Balancing { get; set; } = ConnectionBalancing.Nearest;

    /// <summary>How many connections may wait to be accepted (512 by default).</summary>
    public int Backlog { get; set; } = 512;

    /// <summary>How many bytes of a connection may have come without the application having looked at them, before its peer is held up (1 MiB by
    /// default); null for any number.</summary>
    public long? MaxReadBufferSize { get; set; } = 1024 * 1024;

    /// <summary>How many bytes may wait for the peer of a connection, before the application is held up (64 KiB by default); null for
    /// any number.</summary>
    public int? MaxWriteBufferSize { get; set; } = 64 * 1024;

    /// <summary>Who may connect to Unix sockets, which are those that may write to the file; by default what the process's umask
    /// says.</summary>
    public UnixFileMode? UnixFileMode { get; set; }

    /// <summary>Whether the system looks from time to time if peers that are silent are still there.</summary>
    public bool KeepAlive { get; set; }

    internal ServerOptions ToServerOptions(Socket? socket = null) => new()
    {
        Backlog = Backlog,
        KeepAlive = KeepAlive,
        UnixFileMode = UnixFileMode,
        DualMode = true,
        Socket = socket,
    };
}
