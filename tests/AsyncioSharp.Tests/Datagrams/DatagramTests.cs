using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Datagrams;

/// <summary>Datagram endpoints over UDP.</summary>
public abstract partial class DatagramTests(EventLoop loop) : OnNetwork(loop)
{
    private static readonly IPEndPoint s_here = new(IPAddress.Loopback, 0);

    private static Coroutine<(DatagramTransport Transport, DatagramRecorder Protocol)> OpenAsync(
        EndPoint? local = null, EndPoint? remote = null, DatagramOptions? options = null, string? answer = null) =>
        EventLoop.Running.CreateDatagramEndpointAsync(() => new DatagramRecorder { Answer = answer }, local, remote, options);

    private static async Coroutine CloseAsync(params DatagramTransport[] transports)
    {
        foreach (var transport in transports)
            transport.Close();
        await Until(() => Array.TrueForAll(transports, transport => ((DatagramRecorder)transport.GetProtocol()).IsLost));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_datagram_endpoint")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_datagram_endpoint_ipv6")]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_datagram_endpoint_ip_addr")]
    [CPythonTest("test_selector_events.py", "SelectorDatagramTransportTests", "test_read_ready")]
    [CPythonTest("test_selector_events.py", "SelectorDatagramTransportTests", "test_sendto")]
    public void A_client_is_answered(string address) => Run(async () =>
    {
        var (server, serverProtocol) = await OpenAsync(new IPEndPoint(IPAddress.Parse(address), 0), answer: "re:");
        var (client, clientProtocol) = await OpenAsync(remote: server.LocalEndPoint);
        Assert.Equal("made", serverProtocol.Events);
        Assert.Same(server, serverProtocol.Transport);
        Assert.Null(server.RemoteEndPoint);
        Assert.Equal(server.LocalEndPoint, client.RemoteEndPoint);

        client.SendTo("first"u8);
        client.SendTo("second"u8, server.LocalEndPoint);
        await Until(() => clientProtocol.Received.Count == 2);

        Assert.Equal(["first", "second"], serverProtocol.Received);
        Assert.Equal(["re:first", "re:second"], clientProtocol.Received);
        Assert.Equal(client.LocalEndPoint, serverProtocol.Senders[0]);
        Assert.Equal(server.LocalEndPoint, clientProtocol.Senders[0]);
        await CloseAsync(client, server);
        Assert.Equal("made lost", clientProtocol.Events);
        Assert.Null(clientProtocol.Reason);
    });

    [Fact]
    public void Names_are_looked_up() => Run(async () =>
    {
        var (server, serverProtocol) = await OpenAsync(new DnsEndPoint("localhost", 0, AddressFamily.InterNetwork));
        var (client, _) = await OpenAsync(remote: new DnsEndPoint("localhost", ((IPEndPoint)server.LocalEndPoint!).Port),
            options: new DatagramOptions { AddressFamily = AddressFamily.InterNetwork });
        client.SendTo("data"u8);
        await Until(() => serverProtocol.Received.Count == 1);
        await CloseAsync(client, server);
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorDatagramTransportTests", "test_sendto_no_data")]
    [CPythonTest("test_selector_events.py", "SelectorDatagramTransportTests", "test_sendto_buffer_nodata")]
    public void Empty_datagrams_are_datagrams() => Run(async () =>
    {
        var (server, serverProtocol) = await OpenAsync(s_here, answer: "");
        var (client, clientProtocol) = await OpenAsync(remote: server.LocalEndPoint);
        client.SendTo(default);
        client.SendTo(default);
        client.SendTo("data"u8);
        await Until(() => clientProtocol.Received.Count == 3);
        Assert.Equal(["", "", "data"], serverProtocol.Received);
        await CloseAsync(client, server);
    });

    [Fact]
    public void Many_at_once_all_arrive_in_order() => Run(async () =>
    {
        var (server, serverProtocol) = await OpenAsync(s_here);
        var (client, _) = await OpenAsync(remote: server.LocalEndPoint);
        for (var i = 0; i < 200; i++)
            client.SendTo(System.Text.Encoding.ASCII.GetBytes($"{i}"));
        await Until(() => serverProtocol.Received.Count == 200);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), serverProtocol.Received);
        await CloseAsync(client, server);
    });

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_datagram_endpoint_sock")]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_datagram_endpoint_sock")]
    public void A_socket_can_be_passed_in() => Run(async () =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(s_here);
        var address = socket.LocalEndPoint!;
        var (server, serverProtocol) = await OpenAsync(options: new DatagramOptions { Socket = socket }, answer: "re:");
        var (client, clientProtocol) = await OpenAsync(remote: address);
        client.SendTo("data"u8);
        await Until(() => clientProtocol.Received.Count == 1);
        await CloseAsync(client, server);
        Assert.Throws<ObjectDisposedException>(() => socket.Available);
    });

    [Fact]
    public void A_connected_socket_that_is_passed_in_needs_no_addresses() => Run(async () =>
    {
        var (server, serverProtocol) = await OpenAsync(s_here);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(server.LocalEndPoint!);
        var (client, _) = await OpenAsync(options: new DatagramOptions { Socket = socket });
        Assert.Equal(server.LocalEndPoint, client.RemoteEndPoint);
        client.SendTo("data"u8);
        await Until(() => serverProtocol.Received.Count == 1);
        await CloseAsync(client, server);
    });

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_datagram_send_to_non_listening_address")]
    public void Sending_where_nobody_listens_does_no_harm() => Run(async () =>
    {
        using var refusing = Refusing();
        var address = refusing.LocalEndPoint!;
        var (one, oneProtocol) = await OpenAsync(s_here);
        var (other, otherProtocol) = await OpenAsync(s_here);
        for (var i = 0; i < 3; i++)
        {
            one.SendTo("lost"u8, address);
            other.SendTo("data"u8, one.LocalEndPoint);
            await Until(() => oneProtocol.Received.Count == i + 1);
            one.SendTo("data"u8, other.LocalEndPoint);
            await Until(() => otherProtocol.Received.Count == i + 1);
        }
        Assert.Equal("made", oneProtocol.Events);
        await CloseAsync(one, other);
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorDatagramTransportTests", "test_read_ready_oserr")]
    [CPythonTest("test_selector_events.py", "SelectorDatagramTransportTests", "test_sendto_error_received_connected")]
    [CPythonTest("test_selector_events.py", "SelectorDatagramTransportTests", "test_sendto_error_received")]
    public void A_refused_datagram_is_an_error_but_not_the_end() => Run(async () =>
    {
        using var peer = Refusing();
        var (client, protocol) = await OpenAsync(remote: peer.LocalEndPoint);
        client.SendTo("lost"u8);
        await Until(() => protocol.Errors.Count == 1);
        Assert.Equal(SocketError.ConnectionRefused, protocol.Errors[0].SocketErrorCode);

        peer.Connect(client.LocalEndPoint!);
        client.SendTo("data"u8);
        await Until(() => peer.Available > 0);
        await CloseAsync(client);
        Assert.Equal("made error lost", protocol.Events);
    });

    [Fact]
    public void A_datagram_that_is_too_long_is_an_error_and_the_next_goes() => Run(async () =>
    {
        var (server, serverProtocol) = await OpenAsync(s_here);
        var (client, protocol) = await OpenAsync(s_here);
        client.SendTo(new byte[100_000], server.LocalEndPoint);
        Assert.Equal(SocketError.MessageSize, Assert.Single(protocol.Errors).SocketErrorCode);
        client.SendTo("data"u8, server.LocalEndPoint);
        await Until(() => serverProtocol.Received.Count == 1);
        await CloseAsync(client, server);
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorDatagramTransportTests", "test_sendto_connected_addr")]
    public void A_datagram_needs_one_address_and_no_other() => Run(async () =>
    {
        var (server, _) = await OpenAsync(s_here);
        var (client, _) = await OpenAsync(remote: server.LocalEndPoint);
        Assert.Throws<ArgumentNullException>(() => server.SendTo("data"u8));
        Assert.Throws<ArgumentException>(() => server.SendTo("data"u8, new DnsEndPoint("localhost", 1)));
        Assert.Contains("only", Assert.Throws<ArgumentException>(() => client.SendTo("data"u8, new IPEndPoint(IPAddress.Loopback, 1))).Message);
        await CloseAsync(client, server);
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorDatagramTransportTests", "test_sendto_closing")]
    public void A_closed_endpoint_drops_what_is_sent() => Run(async () =>
    {
        var (server, serverProtocol) = await OpenAsync(s_here);
        var (client, protocol) = await OpenAsync(remote: server.LocalEndPoint);
        Assert.False(client.IsClosing);
        client.Close();
        client.Close();
        Assert.True(client.IsClosing);
        Assert.Equal("made", protocol.Events);
        for (var i = 0; i < 6; i++)
            client.SendTo("dropped"u8);
        await Until(() => protocol.IsLost);
        client.SendTo("dropped"u8);
        client.Abort();
        Assert.Null(client.Socket);
        server.SendTo("last"u8, server.LocalEndPoint);
        await Until(() => serverProtocol.Received.Count == 1);
        Assert.Equal(["last"], serverProtocol.Received);
        await CloseAsync(server);
        Assert.Equal("made lost", protocol.Events);
    });

    [Fact]
    public void Closing_in_the_middle_of_receiving_ends_it() => Run(async () =>
    {
        var (server, serverProtocol) = await OpenAsync(s_here);
        var (client, _) = await OpenAsync(remote: server.LocalEndPoint);
        serverProtocol.Then = happened =>
        {
            if (happened == "data")
                server.Close();
        };
        for (var i = 0; i < 10; i++)
            client.SendTo("data"u8);
        await Until(() => serverProtocol.IsLost);
        Assert.Single(serverProtocol.Received);
        await CloseAsync(client);
    });

    [Fact]
    public void The_protocol_can_be_changed() => Run(async () =>
    {
        var (server, before) = await OpenAsync(s_here);
        var after = new DatagramRecorder();
        server.SetProtocol(after);
        Assert.Same(after, server.GetProtocol());
        server.SendTo("data"u8, server.LocalEndPoint);
        await Until(() => after.Received.Count == 1);
        await CloseAsync(server);
        Assert.Equal(("made", "lost"), (before.Events, after.Events));
    });

    [Fact]
    public void What_a_protocol_throws_is_reported() => Run(async () =>
    {
        foreach (var call in new[] { "data", "error", "lost" })
        {
            var (server, protocol) = await Loop.CreateDatagramEndpointAsync(() => new DatagramRecorder { FailsAt = call }, s_here);
            server.SendTo(new byte[100_000], server.LocalEndPoint);
            server.SendTo("data"u8, server.LocalEndPoint);
            await Until(() => protocol.Received.Count == 1);
            server.Close();
            await Until(() => protocol.IsLost);
            await Asyncio.Yield();
            Assert.Equal(call, Assert.IsType<DivideByZeroException>(Assert.Single(Reports()).Exception).Message);
        }
        await Expect.ThrowsAsync<DivideByZeroException>(Loop.CreateDatagramEndpointAsync(() => new DatagramRecorder { FailsAt = "made" }, s_here));
        await Expect.ThrowsAsync<DivideByZeroException>(
            Loop.CreateDatagramEndpointAsync<DatagramRecorder>(() => throw new DivideByZeroException(), s_here));
    });

    [Fact]
    public void An_endpoint_that_is_left_open_is_closed_with_the_loop()
    {
        DatagramRecorder protocol = null!;
        Run(async () => (_, protocol) = await OpenAsync(s_here));
        Loop.Close();
        Assert.False(protocol.IsLost);
        Assert.True(protocol.Transport.IsClosing);
    }

    // It talks to another, so that the system refuses what comes from here; and nobody else gets its port.
    private static Socket Refusing()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(s_here);
        socket.Connect(IPAddress.Loopback, 9);
        return socket;
    }
}

public sealed class EpollDatagramTests() : DatagramTests(new EpollEventLoop());

public sealed class IoUringDatagramTests() : DatagramTests(IoUring.NewLoop());

public sealed class PortableDatagramTests() : DatagramTests(new PortableEventLoop());
