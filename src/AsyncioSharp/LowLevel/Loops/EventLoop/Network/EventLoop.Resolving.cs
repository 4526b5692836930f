using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    /// <summary>
    /// Looks up the addresses of names in place of the system, for one that caches them, say. It is called with the name and
    /// the family that is wanted, and throws a <see cref="SocketException"/> if there are none; null for the system.
    /// </summary>
    public Func<string, AddressFamily, Coroutine<IPAddress[]>>? AddressResolver { get; set; }

    /// <summary>
    /// Looks up the addresses of a host (<c>loop.getaddrinfo()</c>): an address that is written as such at once, a name in
    /// the default executor, or by the <see cref="AddressResolver"/>.
    /// </summary>
    /// <param name="host">A name or an address; null for this machine.</param>
    /// <param name="port">The port that the results carry.</param>
    /// <param name="family">Only addresses of this family; by default any.</param>
    /// <returns>The addresses, at least one, the best first.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such port.</exception>
    /// <exception cref="SocketException">The name is unknown, or has no address of that family.</exception>
    public Coroutine<IPEndPoint[]> GetAddressInfoAsync(string? host, int port, AddressFamily family = AddressFamily.Unspecified)
    {
        CheckSchedule();
        CheckPort(port);
        if (host is null)
            return Coroutine.FromResult(EndPoints([IPAddress.IPv6Loopback, IPAddress.Loopback], port, family, "localhost"));
        return IPAddress.TryParse(host, out var address)
            ? Coroutine.FromResult(EndPoints([address], port, family, host))
            : ResolveAsync(host, port, family);
    }

    private async Coroutine<IPEndPoint[]> ResolveAsync(string host, int port, AddressFamily family)
    {
        var addresses = AddressResolver is { } resolver
            ? await resolver(host, family)
            : await RunInExecutor(null, () => Dns.GetHostAddresses(host, family));
        return EndPoints(addresses, port, family, host);
    }

    private static IPEndPoint[] EndPoints(IPAddress[] addresses, int port, AddressFamily family, string host)
    {
        if (family != AddressFamily.Unspecified)
            addresses = Array.FindAll(addresses, address => address.AddressFamily == family);
        return addresses.Length > 0
            ? Array.ConvertAll(addresses, address => new IPEndPoint(address, port))
            : throw new SocketException((int)SocketError.HostNotFound, family == AddressFamily.Unspecified
                ? $"{host} has no address."
                : $"{host} has no address of the family {family}.");
    }
}
