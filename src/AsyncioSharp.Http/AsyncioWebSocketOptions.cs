using System.Net.WebSockets;

namespace AsyncioSharp.Http;

/// <summary>How an <see cref="AsyncioWebSocket"/> is made.</summary>
public sealed record AsyncioWebSocketOptions
{
    /// <summary>How long a message may be that is received, in bytes (<c>max_msg_size</c>); 4 MiB by default.</summary>
    public int MaxMessageSize { get; init; } = 4 * 1024 * 1024;

    /// <summary>How often a ping is sent while nothing else is (<c>heartbeat</c>); 30 s by default, zero for never.</summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the answer to a ping may take before the connection counts as lost; by default it does not matter.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>How long <see cref="AsyncioWebSocket.CloseAsync"/> waits for the peer's answer before it ends the connection
    /// (<c>timeout</c>), and how long a peer may take for what is left to send when the connection is ended; 10 s by default.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For servers: how long a client may take from connecting to its whole request; 10 s by default,
    /// <see cref="Timeout.InfiniteTimeSpan"/> for as long as it likes.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For servers: whose pages may connect, such as <c>https://example.org</c>; null, the default, for everybody's. A browser
    /// connects for any page that it shows, with the cookies of your site: name your origins if those let somebody in. Clients that are no
    /// browsers are not concerned.</summary>
    public IReadOnlyList<string>? Origins { get; init; }

    /// <summary>The sub-protocols that this side speaks, the best first (<c>protocols</c>). A server takes the first of its own
    /// that the client has named.</summary>
    public IReadOnlyList<string> SubProtocols { get; init; } = [];

    /// <summary>For clients: sets what else there is, such as headers.</summary>
    public Action<ClientWebSocketOptions>? Configure { get; init; }
}
