using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace AsyncioSharp;

/// <summary>How a connection is made, by <see cref="Asyncio.OpenConnectionAsync(string?, int, ConnectionOptions?)"/> and
/// <see cref="LowLevel.EventLoop.CreateConnectionAsync{TProtocol}"/>.</summary>
public sealed record ConnectionOptions
{
    internal const int DefaultLimit = 64 * 1024;

    /// <summary>Only addresses of this family (<c>family</c>); by default any.</summary>
    public AddressFamily AddressFamily { get; init; } = AddressFamily.Unspecified;

    /// <summary>The address on this side (<c>local_addr</c>); by default the system chooses.</summary>
    public IPEndPoint? LocalEndPoint { get; init; }

    /// <summary>
    /// How long an attempt to connect to one address may take before the next address is tried beside it
    /// (<c>happy_eyeballs_delay</c>, RFC 8305, which recommends 250 ms). Null, as by default, to try each when the one before
    /// has failed.
    /// </summary>
    public TimeSpan? HappyEyeballsDelay { get; init; }

    /// <summary>
    /// In which order the addresses are tried, if the host has some of several families (<c>interleave</c>): 0 for that of
    /// the resolver; otherwise the families take turns, after so many of the first. By default 1 if there is a
    /// <see cref="HappyEyeballsDelay"/>, and 0 if not.
    /// </summary>
    public int? Interleave { get; init; }

    /// <summary>
    /// Whether an <see cref="AggregateException"/> of all failures is thrown if no address can be connected to
    /// (<c>all_errors</c>), instead of one <see cref="SocketException"/> that speaks of them.
    /// </summary>
    public bool AllErrors { get; init; }

    /// <summary>
    /// A socket that is connected already, in place of a host (<c>sock</c>). The connection takes it over: it is closed
    /// with it. Do not use it any more, nor dispose of it.
    /// </summary>
    public Socket? Socket { get; init; }

    /// <summary>
    /// Makes it a TLS connection (<c>ssl</c>); <c>new()</c> for .NET's defaults. The certificate is checked against
    /// <see cref="SslClientAuthenticationOptions.TargetHost"/>, by default the host that is connected to
    /// (<c>server_hostname</c>). The options are copied; renegotiation is always refused.
    /// </summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>How long the TLS handshake may take (<c>ssl_handshake_timeout</c>); 60 s by default.</summary>
    public TimeSpan? TlsHandshakeTimeout { get; init; }

    /// <summary>How long the peer has to end its side of a TLS connection that is closed here
    /// (<c>ssl_shutdown_timeout</c>); 30 s by default.</summary>
    public TimeSpan? TlsShutdownTimeout { get; init; }

    /// <summary>For streams: how much a reader searches for a separator, and half of what it takes in before it holds the
    /// peer up (<c>limit</c>); 64 KiB by default.</summary>
    public int Limit { get; init; } = DefaultLimit;

    /// <summary>The same for the connection below TLS.</summary>
    internal ConnectionOptions WithoutTls => this with { Tls = null, TlsHandshakeTimeout = null, TlsShutdownTimeout = null };
}
