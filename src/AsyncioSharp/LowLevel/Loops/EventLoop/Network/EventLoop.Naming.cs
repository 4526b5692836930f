using System.Globalization;
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

    /// <summary>Looks up the addresses of a host and the port of a service (<c>loop.getaddrinfo()</c>), in the default executor
    /// unless they are written as such.</summary>
    /// <param name="host">A name or an address; null for this machine.</param>
    /// <param name="service">A number, or a name such as <c>http</c> that the system knows; null for port 0.</param>
    /// <param name="family">Only addresses of this family; by default any.</param>
    /// <param name="flags">What is looked for.</param>
    /// <returns>The addresses, at least one, the best first.</returns>
    /// <exception cref="SocketException">A name is unknown, or the host has no address of that family.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The service is a number, and no port's.</exception>
    public Coroutine<IPEndPoint[]> GetAddressInfoAsync(
        string? host, string? service, AddressFamily family = AddressFamily.Unspecified, AddressInfoFlags flags = AddressInfoFlags.None)
    {
        CheckSchedule();
        if (host is not null && (flags & AddressInfoFlags.NumericHost) != 0 && !IPAddress.TryParse(host, out _))
            throw new SocketException((int)SocketError.HostNotFound, $"{host} is not an address, and names are not looked up.");
        if (!int.TryParse(service ?? "0", NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return FindAsync(host, service!, family, flags);
        CheckPort(port, nameof(service));
        return FindAsync(host, port, family, flags);
    }

    /// <summary>Looks up the names of an address and its port (<c>loop.getnameinfo()</c>), in the default executor.</summary>
    /// <param name="endPoint">The address and port.</param>
    /// <param name="flags">How they are named.</param>
    /// <returns>The host, by name or else as an address; and the service, by name or else as a number.</returns>
    /// <exception cref="SocketException">The host has no name, and <see cref="NameInfoFlags.NameRequired"/> is given.</exception>
    /// <exception cref="ArgumentException">The flags exclude each other.</exception>
    public Coroutine<(string Host, string Service)> GetNameInfoAsync(IPEndPoint endPoint, NameInfoFlags flags = NameInfoFlags.None)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        CheckSchedule();
        const NameInfoFlags contradiction = NameInfoFlags.NumericHost | NameInfoFlags.NameRequired;
        if ((flags & contradiction) == contradiction)
            throw new ArgumentException("A name is required and must not be looked up: these flags exclude each other.", nameof(flags));
        return NameAsync(endPoint.Address, endPoint.Port, flags);
    }

    private async Coroutine<IPEndPoint[]> FindAsync(string? host, string service, AddressFamily family, AddressInfoFlags flags)
    {
        var datagram = (flags & AddressInfoFlags.Datagram) != 0;
        var port = (flags & AddressInfoFlags.NumericService) != 0 ? null
            : await RunInExecutor(null, () => ServiceNames.PortOf(service, datagram));
        return await FindAsync(
            host, port ?? throw new SocketException((int)SocketError.TypeNotFound, $"The service '{service}' is unknown."), family, flags);
    }

    private Coroutine<IPEndPoint[]> FindAsync(string? host, int port, AddressFamily family, AddressInfoFlags flags) =>
        host is null && (flags & AddressInfoFlags.Passive) != 0
            ? Coroutine.FromResult(EndPoints([IPAddress.IPv6Any, IPAddress.Any], port, family, "this machine"))
            : GetAddressInfoAsync(host, port, family);

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

    private async Coroutine<(string Host, string Service)> NameAsync(IPAddress address, int port, NameInfoFlags flags)
    {
        var host = address.ToString();
        if ((flags & NameInfoFlags.NumericHost) == 0)
            host = await RunInExecutor(null, () => NameOf(address, flags));
        var datagram = (flags & NameInfoFlags.Datagram) != 0;
        var service = (flags & NameInfoFlags.NumericService) != 0 ? null : await RunInExecutor(null, () => ServiceNames.NameOf(port, datagram));
        return (host, service ?? port.ToString(CultureInfo.InvariantCulture));
    }

    private static string NameOf(IPAddress address, NameInfoFlags flags)
    {
        try
        {
            var name = Dns.GetHostEntry(address).HostName;
            if (name != address.ToString())
                return (flags & NameInfoFlags.NoDomain) != 0 ? name.Split('.')[0] : name;
        }
        catch (SocketException) when ((flags & NameInfoFlags.NameRequired) == 0)
        {
        }
        return (flags & NameInfoFlags.NameRequired) == 0 ? address.ToString()
            : throw new SocketException((int)SocketError.HostNotFound, $"{address} has no name.");
    }
}
