using System.Net.Security;
using System.Net.Sockets;

namespace AsyncioSharp;

/// <summary>How a server is made, by
/// <see cref="Asyncio.StartServerAsync(Func{AsyncStreamReader, AsyncStreamWriter, Coroutine}, string?, int, ServerOptions?)"/> and
/// <see cref="LowLevel.EventLoop.CreateServerAsync(Func{LowLevel.StreamProtocol}, string?, int, ServerOptions?)"/>.</summary>
public sealed record ServerOptions
{
    /// <summary>Only addresses of this family (<c>family</c>); by default any.</summary>
    public AddressFamily AddressFamily { get; init; } = AddressFamily.Unspecified;

    /// <summary>How many connections may wait to be accepted (<c>backlog</c>).</summary>
    public int Backlog { get; init; } = 100;

    /// <summary>How many connections the server may have at a time. When it has them it accepts no more until one has
    /// ended: the next wait in the system's queue. Null, as by default, for any number.</summary>
    public int? MaxConnections { get; init; }

    /// <summary>Whether the system looks from time to time if peers that are silent are still there
    /// (<c>keep_alive</c>).</summary>
    public bool KeepAlive { get; init; }

    /// <summary>Whether several sockets may share the address, and the system spreads connections over them
    /// (<c>reuse_port</c>). Windows has nothing like it.</summary>
    public bool ReusePort { get; init; }

    /// <summary>Whether a socket that listens on all IPv6 addresses takes IPv4 connections, too; otherwise, as by default, each
    /// family has a socket of its own.</summary>
    public bool DualMode { get; init; }

    /// <summary>Whether it accepts at once (<c>start_serving</c>); otherwise from <see cref="Server.StartServingAsync"/> on.</summary>
    public bool StartServing { get; init; } = true;

    /// <summary>A socket that is bound already, in place of a host (<c>sock</c>). The server takes it over: it is closed
    /// with it.</summary>
    public Socket? Socket { get; init; }

    /// <summary>Serves TLS connections (<c>ssl</c>). A certificate is needed.</summary>
    public SslServerAuthenticationOptions? Tls { get; init; }

    /// <inheritdoc cref="ConnectionOptions.TlsHandshakeTimeout"/>
    public TimeSpan? TlsHandshakeTimeout { get; init; }

    /// <inheritdoc cref="ConnectionOptions.TlsShutdownTimeout"/>
    public TimeSpan? TlsShutdownTimeout { get; init; }

    /// <summary>For Unix sockets: who may connect, which are those that may write to the file; by default what the process's
    /// umask says. Windows does not know of it.</summary>
    public UnixFileMode? UnixFileMode { get; init; }

    /// <summary>For Unix sockets: whether the file is removed when the server is closed (<c>cleanup_socket</c>), unless it has
    /// become that of another. That of a <see cref="Socket"/> which the program has bound itself .NET removes in any case.</summary>
    public bool CleanUpSocket { get; init; } = true;

    /// <summary>For streams: see <see cref="ConnectionOptions.Limit"/>.</summary>
    public int Limit { get; init; } = ConnectionOptions.DefaultLimit;

    /// <summary>Of several sockets that share a port, this one's is to be given what the system receives on this processor (Linux).</summary>
    internal int? Processor { get; init; }

    /// <summary>The same for the connection below TLS.</summary>
    internal ServerOptions WithoutTls => this with { Tls = null, TlsHandshakeTimeout = null, TlsShutdownTimeout = null };
}
