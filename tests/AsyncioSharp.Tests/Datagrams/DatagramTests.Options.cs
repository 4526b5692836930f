using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Datagrams;

public abstract partial class DatagramTests
{
    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_datagram_endpoint_noaddr_nofamily")]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_datagram_endpoint_wrong_sock")]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_datagram_endpoint_sock_sockopts")]
    public void Arguments_that_do_not_go_together_are_refused_at_once()
    {
        using var stream = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        Func<DatagramRecorder> factory = () => new DatagramRecorder();
        Assert.Throws<ArgumentException>(() => Loop.CreateDatagramEndpointAsync(factory));
        Assert.Throws<ArgumentException>(() => Loop.CreateDatagramEndpointAsync(factory, options: new DatagramOptions { Socket = stream }));
        Assert.Throws<ArgumentException>(() => Loop.CreateDatagramEndpointAsync(factory, s_here, options: new DatagramOptions { Socket = socket }));
        Assert.Throws<ArgumentException>(() => Loop.CreateDatagramEndpointAsync(factory, null, s_here, new DatagramOptions { Socket = socket }));
        Assert.Throws<ArgumentException>(
            () => Loop.CreateDatagramEndpointAsync(factory, options: new DatagramOptions { Socket = socket, AllowBroadcast = true }));
        Assert.Throws<ArgumentException>(() => Loop.CreateDatagramEndpointAsync(factory, s_here, new UnixDomainSocketEndPoint("/nowhere")));
        Assert.Throws<ArgumentNullException>(() => Loop.CreateDatagramEndpointAsync<DatagramRecorder>(null!, s_here));
        using var virtualLoop = LoopTest.NewLoop();
        Assert.Throws<NotSupportedException>(() => virtualLoop.CreateDatagramEndpointAsync(factory, s_here));
    }

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_datagram_endpoint_no_matching_family")]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_datagram_endpoint_no_addrinfo")]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_datagram_endpoint_addr_error")]
    public void Addresses_without_a_family_in_common_fail() => Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<SocketException>(OpenAsync(s_here, new IPEndPoint(IPAddress.IPv6Loopback, 1)));
        Assert.Contains("same family", failure.Message);
        await Expect.ThrowsAsync<SocketException>(
            OpenAsync(new DnsEndPoint("127.0.0.1", 0), options: new DatagramOptions { AddressFamily = AddressFamily.InterNetworkV6 }));
        await Expect.ThrowsAsync<SocketException>(OpenAsync(new DnsEndPoint("name.invalid", 0)));
    });

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_datagram_endpoint_cant_bind")]
    public void An_address_cannot_be_bound_twice_unless_the_port_is_shared() => Run(async () =>
    {
        var (first, _) = await OpenAsync(s_here);
        var failure = await Expect.ThrowsAsync<SocketException>(OpenAsync(first.LocalEndPoint));
        Assert.Equal(SocketError.AddressAlreadyInUse, failure.SocketErrorCode);
        Assert.Contains($"{first.LocalEndPoint}", failure.Message);
        await CloseAsync(first);
    });

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_datagram_endpoint_sockopts")]
    public void A_port_can_be_shared() => Run(async () =>
    {
        var options = new DatagramOptions { ReusePort = true, AllowBroadcast = true };
        var (first, _) = await OpenAsync(s_here, options: options);
        var (second, _) = await OpenAsync(first.LocalEndPoint, options: options);
        Assert.True(second.Socket!.EnableBroadcast);
        await CloseAsync(first, second);
    });

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_datagram_endpoint_allow_broadcast")]
    public void With_broadcast_the_endpoint_sends_to_one_and_receives_from_all() => Run(async () =>
    {
        var (server, serverProtocol) = await OpenAsync(s_here);
        var (client, protocol) = await OpenAsync(s_here, server.LocalEndPoint, new DatagramOptions { AllowBroadcast = true });
        Assert.Equal(server.LocalEndPoint, client.RemoteEndPoint);
        Assert.Null(client.Socket!.RemoteEndPoint);
        client.SendTo("to the server"u8);
        await Until(() => serverProtocol.Received.Count == 1);
        var (other, _) = await OpenAsync(s_here);
        other.SendTo("from another"u8, client.LocalEndPoint);
        await Until(() => protocol.Received.Count == 1);
        await CloseAsync(client, server, other);
    });

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_datagram_endpoint_connect_err")]
    public void A_remote_address_that_cannot_be_reached_fails() => Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<SocketException>(OpenAsync(remote: new IPEndPoint(IPAddress.Broadcast, 1)));
        Assert.Equal(SocketError.AccessDenied, failure.SocketErrorCode); // without AllowBroadcast
    });

    [Fact]
    public void A_second_endpoint_for_a_socket_is_refused_and_the_first_goes_on() => Run(async () =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(s_here);
        var options = new DatagramOptions { Socket = socket };
        var (first, protocol) = await OpenAsync(options: options);

        await Expect.ThrowsAsync<InvalidOperationException>(OpenAsync(options: options));

        first.SendTo("data"u8, first.LocalEndPoint);
        await Until(() => protocol.Received.Count == 1);
        await CloseAsync(first);
    });

    [Fact]
    public void A_family_alone_makes_an_endpoint_that_can_send() => Run(async () =>
    {
        var (server, serverProtocol) = await OpenAsync(s_here);
        var (client, _) = await OpenAsync(options: new DatagramOptions { AddressFamily = AddressFamily.InterNetwork });
        client.SendTo("data"u8, server.LocalEndPoint);
        await Until(() => serverProtocol.Received.Count == 1);
        await CloseAsync(client, server);
    });
}
