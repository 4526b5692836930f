using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>How an endpoint for datagrams is made, by <see cref="EventLoop.CreateDatagramEndpointAsync{TProtocol}"/>.</summary>
public sealed record DatagramOptions
{
    /// <summary>Only addresses of this family (<c>family</c>); by default any. It is needed if no address is given.</summary>
    public AddressFamily AddressFamily { get; init; } = AddressFamily.Unspecified;

    /// <summary>Whether several sockets may share the address, and the system spreads datagrams over them
    /// (<c>reuse_port</c>).</summary>
    public bool ReusePort { get; init; }

    /// <summary>
    /// Whether datagrams may be sent to all of a network (<c>allow_broadcast</c>). The endpoint is not connected then: it
    /// receives from everybody, also if there is an address that all are sent to.
    /// </summary>
    public bool AllowBroadcast { get; init; }

    /// <summary>A socket to use, in place of all else (<c>sock</c>). The endpoint takes it over: it is closed with it.</summary>
    public Socket? Socket { get; init; }
}
