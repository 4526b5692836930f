using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp;

/// <summary>How a connection is made, by <see cref="Asyncio.OpenConnectionAsync(string?, int, ConnectionOptions?)"/> and
/// <see cref="LowLevel.EventLoop.CreateConnectionAsync{TProtocol}"/>.</summary>
public sealed record ConnectionOptions
{
    /// <summary>Only addresses of this family; by default any.</summary>
    public AddressFamily AddressFamily { get; init; } = AddressFamily.Unspecified;

    /// <summary>The address on this side (<c>local_addr</c>); by default the system chooses.</summary>
    public IPEndPoint? LocalEndPoint { get; init; }

    /// <summary>
    /// A socket that is connected already, in place of a host (<c>sock</c>). The connection takes it over: it is closed
    /// with it.
    /// </summary>
    public Socket? Socket { get; init; }

    /// <summary>For streams: how much a reader searches for a separator, and half of what it takes in before it holds the
    /// peer up (<c>limit</c>); 64 KiB by default.</summary>
    public int Limit { get; init; } = 64 * 1024;
}
