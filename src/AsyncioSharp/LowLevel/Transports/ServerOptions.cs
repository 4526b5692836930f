using System.Net.Security;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>How a server is made, by <see cref="Asyncio.StartServerAsync"/> and
/// <see cref="LowLevel.EventLoop.CreateServerAsync"/>.</summary>
public sealed record ServerOptions
{
    /// <summary>Only addresses of this family; by default any.</summary>
    public AddressFamily AddressFamily { get; init; } = AddressFamily.Unspecified;

    /// <summary>How many connections may wait to be accepted (<c>backlog</c>).</summary>
    public int Backlog { get; init; } = 100;

    /// <summary>Whether several sockets may share the address, and the system spreads connections over them
    /// (<c>reuse_port</c>).</summary>
    public bool ReusePort { get; init; }

    /// <summary>Whether it accepts at once; otherwise from <see cref="Server.StartServingAsync"/> on.</summary>
    public bool StartServing { get; init; } = true;

    /// <summary>A socket that is bound already, in place of a host (<c>sock</c>). The server takes it over: it is closed
    /// with it.</summary>
    public Socket? Socket { get; init; }

    /// <summary>Serves TLS connections (<c>ssl</c>). A certificate is needed.</summary>
    public SslServerAuthenticationOptions? Tls { get; init; }

    /// <inheritdoc cref="ConnectionOptions.TlsHandshakeTimeout"/>
    public TimeSpan TlsHandshakeTimeout { get; init; } = TlsOptions.DefaultHandshakeTimeout;

    /// <inheritdoc cref="ConnectionOptions.TlsShutdownTimeout"/>
    public TimeSpan TlsShutdownTimeout { get; init; } = TlsOptions.DefaultShutdownTimeout;

    /// <summary>For streams: see <see cref="ConnectionOptions.Limit"/>.</summary>
    public int Limit { get; init; } = 64 * 1024;
}
