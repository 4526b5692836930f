using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Http;

/// <summary>How an <see cref="AsyncioHttpHandler"/> makes its connections.</summary>
public sealed record AsyncioHttpOptions
{
    /// <summary>The loop whose connections they are; by default the one that runs where the handler is made, and if none does,
    /// the one on which it is used first.</summary>
    public EventLoop? Loop { get; init; }

    /// <summary>
    /// How hosts are connected to; by default their addresses are tried 250 ms after each other, and the first that answers
    /// is taken (<see cref="ConnectionOptions.HappyEyeballsDelay"/>). TLS is not set here, but in
    /// <see cref="SocketsHttpHandler.SslOptions"/>.
    /// </summary>
    public ConnectionOptions Connection { get; init; } = new() { HappyEyeballsDelay = TimeSpan.FromMilliseconds(250) };

    /// <summary>
    /// A Unix socket to which every connection is made, whatever the host of the request; or, on Linux, an abstract name, which
    /// begins with <c>\0</c> (<c>aiohttp.UnixConnector(path)</c>). No proxy is used then unless
    /// <see cref="SocketsHttpHandler.UseProxy"/> is set. Null, as by default, for TCP.
    /// </summary>
    public string? UnixSocketPath { get; init; }
}
