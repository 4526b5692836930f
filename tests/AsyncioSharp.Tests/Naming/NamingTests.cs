using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Naming;

/// <summary>Addresses of names, and names of addresses.</summary>
public sealed class NamingTests() : OnNetwork(new EpollEventLoop())
{
    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_getnameinfo")]
    public void An_address_and_a_port_have_names() => Run(async () =>
    {
        Assert.Equal("localhost", (await Loop.GetNameInfoAsync(new IPEndPoint(IPAddress.Loopback, 1))).Host);
        if (File.Exists("/etc/services"))
            Assert.Equal("http", (await Loop.GetNameInfoAsync(new IPEndPoint(IPAddress.Loopback, 80))).Service);
        Assert.Equal(("127.0.0.1", "80"),
            await Loop.GetNameInfoAsync(new IPEndPoint(IPAddress.Loopback, 80), NameInfoFlags.NumericHost | NameInfoFlags.NumericService));
        Assert.Equal(("::1", "0"), await Loop.GetNameInfoAsync(new IPEndPoint(IPAddress.IPv6Loopback, 0), NameInfoFlags.NumericHost));
    });

    [Fact]
    public void An_address_without_a_name_is_its_own_unless_one_is_required() => Run(async () =>
    {
        var nobody = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 49_151); // for documentation only
        Assert.Equal("192.0.2.1", (await Loop.GetNameInfoAsync(nobody)).Host);
        await Expect.ThrowsAsync<SocketException>(Loop.GetNameInfoAsync(nobody, NameInfoFlags.NameRequired));
        Assert.Throws<ArgumentNullException>(() => Loop.GetNameInfoAsync(null!));
        Assert.Equal("flags", Assert.Throws<ArgumentException>(
            () => Loop.GetNameInfoAsync(nobody, NameInfoFlags.NameRequired | NameInfoFlags.NumericHost)).ParamName);
    });

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_connection_service_name")]
    public void A_service_is_a_number_or_a_name() => Run(async () =>
    {
        Assert.Equal([new IPEndPoint(IPAddress.Loopback, 8080)], await Loop.GetAddressInfoAsync("127.0.0.1", "8080"));
        Assert.Equal([new IPEndPoint(IPAddress.Loopback, 0)], await Loop.GetAddressInfoAsync("127.0.0.1", null));
        if (File.Exists("/etc/services"))
        {
            Assert.Equal([new IPEndPoint(IPAddress.Loopback, 80)], await Loop.GetAddressInfoAsync("127.0.0.1", "http"));
            Assert.Equal([new IPEndPoint(IPAddress.Loopback, 53)],
                await Loop.GetAddressInfoAsync("127.0.0.1", "domain", flags: AddressInfoFlags.Datagram));
        }
        Assert.Equal(
            SocketError.TypeNotFound, (await Expect.ThrowsAsync<SocketException>(Loop.GetAddressInfoAsync("127.0.0.1", "nonsense"))).SocketErrorCode);
        await Expect.ThrowsAsync<SocketException>(Loop.GetAddressInfoAsync("127.0.0.1", "http", flags: AddressInfoFlags.NumericService));
        Assert.Equal("service", Assert.Throws<ArgumentOutOfRangeException>(() => Loop.GetAddressInfoAsync("127.0.0.1", "70000")).ParamName);
    });

    [Fact]
    public void Without_a_host_it_is_this_machine() => Run(async () =>
    {
        Assert.Equal([new IPEndPoint(IPAddress.IPv6Loopback, 1), new IPEndPoint(IPAddress.Loopback, 1)], await Loop.GetAddressInfoAsync(null, "1"));
        Assert.Equal([new IPEndPoint(IPAddress.Any, 1)],
            await Loop.GetAddressInfoAsync(null, "1", AddressFamily.InterNetwork, AddressInfoFlags.Passive));
        Assert.Equal(2, (await Loop.GetAddressInfoAsync(null, "1", flags: AddressInfoFlags.Passive)).Length);
        Assert.Throws<SocketException>(() => Loop.GetAddressInfoAsync("localhost", "1", flags: AddressInfoFlags.NumericHost));
    });
}
