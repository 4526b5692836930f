using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Sockets;

namespace AsyncioSharp.Tests.Transports;

/// <summary>Making connections: looking names up, failing, giving up.</summary>
public abstract class ConnectingTests(EventLoop loop) : OnNetwork(loop)
{
    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventTests", "test_ipaddr_info")]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_connection_ipv6_scope")]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_connection_ip_addr")]
    public void Addresses_are_looked_up_without_waiting() => Run(async () =>
    {
        Assert.True(Loop.GetAddressInfoAsync("127.0.0.1", 1).GetAwaiter().IsCompleted);
        Assert.Equal([new IPEndPoint(IPAddress.Loopback, 80)], await Loop.GetAddressInfoAsync("127.0.0.1", 80));
        Assert.Equal([new IPEndPoint(IPAddress.IPv6Loopback, 80)], await Loop.GetAddressInfoAsync("::1", 80));
        Assert.Equal(3, ((await Loop.GetAddressInfoAsync("fe80::1%3", 80))[0]).Address.ScopeId);
        Assert.Equal([new IPEndPoint(IPAddress.IPv6Loopback, 80), new IPEndPoint(IPAddress.Loopback, 80)], await Loop.GetAddressInfoAsync(null, 80));
        Assert.Throws<SocketException>(() => Loop.GetAddressInfoAsync("::1", 80, AddressFamily.InterNetwork));
        Assert.Throws<ArgumentOutOfRangeException>("port", () => Loop.GetAddressInfoAsync("::1", 65536));
    });

    [Fact]
    public void Names_are_looked_up_in_the_executor() => Run(async () =>
    {
        var addresses = await Loop.GetAddressInfoAsync("localhost", 80, AddressFamily.InterNetwork);

        Assert.Contains(new IPEndPoint(IPAddress.Loopback, 80), addresses);
    });

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_connection_no_getaddrinfo")]
    public void A_name_that_is_unknown_is_an_error() => Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<SocketException>(async () => await Asyncio.OpenConnectionAsync("no-such-host.invalid", 80));

        Assert.True(failure.SocketErrorCode is SocketError.HostNotFound or SocketError.TryAgain);
    });

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_connection_connect_err")]
    public void A_port_without_a_server_is_an_error_that_names_it() => Run(async () =>
    {
        using var closed = Ports.Closed(out var port);

        var failure = await Expect.ThrowsAsync<SocketException>(async () => await Asyncio.OpenConnectionAsync("127.0.0.1", port));

        Assert.Equal(SocketError.ConnectionRefused, failure.SocketErrorCode);
        Assert.StartsWith($"Connecting to 127.0.0.1:{port} failed: ", failure.Message);
    });

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_connection_multiple_errors")]
    public void When_every_address_fails_the_error_tells_of_each() => Run(async () =>
    {
        using var closed = Ports.Closed(out var port);

        var failure = await Expect.ThrowsAsync<SocketException>(async () => await Asyncio.OpenConnectionAsync(null, port));

        Assert.Equal(SocketError.ConnectionRefused, failure.SocketErrorCode);
        Assert.Contains($"[::1]:{port}", failure.Message);
        Assert.Contains($"127.0.0.1:{port}", failure.Message);
    });

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_connection_multiple")]
    public void When_one_address_fails_the_next_is_tried() => Run(async () =>
    {
        await using var server = await ServeAsync(() => new Recorder());

        var (transport, _) = await Loop.CreateConnectionAsync(() => new Recorder(), null, Port(server));

        Assert.Equal(IPAddress.Loopback, ((IPEndPoint)transport.RemoteEndPoint!).Address);
        transport.Abort();
    });

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_connection_local_addr")]
    public void The_address_on_this_side_can_be_chosen() => Run(async () =>
    {
        await using var server = await ServeAsync(() => new Recorder());
        var local = new IPEndPoint(IPAddress.Parse("127.0.0.2"), Ports.Free());

        var (transport, _) = await Loop.CreateConnectionAsync(
            () => new Recorder(), "127.0.0.1", Port(server), new ConnectionOptions { LocalEndPoint = local });

        Assert.Equal(local, transport.LocalEndPoint);
        transport.Abort();
    });

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_connection_no_local_addr")]
    public void An_address_on_this_side_of_another_family_fits_nowhere() => Run(async () =>
    {
        var options = new ConnectionOptions { LocalEndPoint = new IPEndPoint(IPAddress.IPv6Loopback, 0) };

        var failure = await Expect.ThrowsAsync<SocketException>(async () => await Asyncio.OpenConnectionAsync("127.0.0.1", Ports.Free(), options));

        Assert.Equal(SocketError.AddressNotAvailable, failure.SocketErrorCode);
    });

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_connection_host_port_sock")]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_connection_wrong_sock")]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_connection_no_host_port_sock")]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_server_host_port_sock")]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_server_wrong_sock")]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_server_stream_bittype")]
    public void Mistakes_are_thrown_at_the_call() => Run(() =>
    {
        using var stream = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var datagram = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

        Assert.Throws<ArgumentException>("options", () => Asyncio.OpenConnectionAsync("127.0.0.1", 1, new ConnectionOptions { Socket = stream }));
        Assert.Throws<ArgumentException>("options", () => Asyncio.OpenConnectionAsync(null, 0, new ConnectionOptions { Socket = datagram }));
        Assert.Throws<ArgumentException>("options", () => Asyncio.OpenConnectionAsync(new ConnectionOptions()));
        Assert.Throws<ArgumentOutOfRangeException>("port", () => Asyncio.OpenConnectionAsync("127.0.0.1", -1));
        Assert.Throws<ArgumentNullException>("factory", () => Loop.CreateConnectionAsync<Recorder>(null!, "127.0.0.1", 1));
        Assert.Throws<ArgumentException>(
            "options", () => Loop.CreateServerAsync(() => new Recorder(), "127.0.0.1", 1, new ServerOptions { Socket = stream }));
        Assert.Throws<ArgumentException>(
            "options", () => Loop.CreateServerAsync(() => new Recorder(), null, 0, new ServerOptions { Socket = datagram }));
        Assert.Throws<ArgumentNullException>("factory", () => Loop.CreateServerAsync(null!, "127.0.0.1", 1));
        Assert.Throws<ArgumentNullException>("clientConnected", () => Asyncio.StartServerAsync(null!, "127.0.0.1", 1));
        Assert.Throws<ArgumentOutOfRangeException>(
            "options", () => Asyncio.StartServerAsync((_, _) => Coroutine.Completed, null, 0, new ServerOptions { Limit = 0 }));
        return Coroutine.Completed;
    });

    [Fact]
    public void An_attempt_cancelled_as_it_succeeds_leaves_nothing_behind() => Run(async () =>
    {
        await using var server = await ServeAsync(() => new Recorder());
        for (var turns = 0; turns < 12; turns++)
        {
            var made = new Recorder();
            var attempt = Asyncio.CreateTask(ConnectAsync(server, () => made));
            await Expect.Turns(turns);
            attempt.Cancel();
            try
            {
                var (transport, _) = await attempt;
                transport.Abort();
            }
            catch (CanceledException)
            {
                // where it was cut off, nothing remains
            }
            await Until(() => server.ClientCount == 0 && (made.Transport is null || made.IsLost));
        }
    });

    [Fact]
    public void A_second_transport_for_a_socket_is_refused_and_the_first_goes_on() => Run(async () =>
    {
        using var pair = new SocketPair();
        var (transport, protocol) = await Loop.CreateConnectionAsync(() => new Recorder(), null, 0, new ConnectionOptions { Socket = pair.Near });

        await Expect.ThrowsAsync<InvalidOperationException>(
            Loop.CreateConnectionAsync(() => new Recorder(), null, 0, new ConnectionOptions { Socket = pair.Near }));
        await Expect.ThrowsAsync<InvalidOperationException>(Loop.ConnectAcceptedSocketAsync(() => new Recorder(), pair.Near));

        pair.Far.Send("question"u8);
        await Until(() => protocol.DataCount == 8);
        transport.Write("answer"u8);
        transport.Flush();
        Assert.Equal(6, pair.Far.Receive(new byte[10]));
        transport.Close();
        await Until(() => protocol.IsLost);
    });

    [Fact]
    public void A_factory_that_makes_nothing_is_told_of_and_its_connection_closed() => Run(async () =>
    {
        await using var server = await Loop.CreateServerAsync(() => null!, "127.0.0.1", 0);
        var port = ((IPEndPoint)server.Sockets[0].LocalEndPoint!).Port;
        var (reader, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", port);

        Assert.Empty(await reader.ReadAsync());

        await writer.DisposeAsync();
        Assert.Contains("The factory gave null", Assert.Single(Reports()).Exception!.Message);
        var failure = await Expect.ThrowsAsync<InvalidOperationException>(
            async () => await Loop.CreateConnectionAsync<Recorder>(() => null!, "127.0.0.1", port));
        Assert.Contains("The factory gave null", failure.Message);
        await Until(() => Reports().Length > 0); // the server was connected to all the same
    });

    [Fact]
    public void A_loop_without_a_network_says_so()
    {
        using var loop = new VirtualEventLoop();

        var failure = Assert.Throws<NotSupportedException>(() => loop.CreateServerAsync(() => new Recorder(), null, 0));
        Assert.StartsWith("VirtualEventLoop has no network", failure.Message);
        Assert.Throws<NotSupportedException>(() => loop.CreateConnectionAsync(() => new Recorder(), "127.0.0.1", 1));
        Assert.Contains("no processes", Assert.Throws<NotSupportedException>(() => loop.RunUntilComplete(StartAsync())).Message);

        static async Coroutine<Subprocess> StartAsync() => await Asyncio.CreateSubprocessExecAsync("true", []);
    }
}

public sealed class EpollConnectingTests() : ConnectingTests(new EpollEventLoop());

public sealed class IoUringConnectingTests() : ConnectingTests(IoUring.NewLoop());

public sealed class PortableConnectingTests() : ConnectingTests(new PortableEventLoop());
