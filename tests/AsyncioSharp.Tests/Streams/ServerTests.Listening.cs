using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Streams;

// On which addresses it listens, and how its sockets are set up.
public abstract partial class ServerTests
{
    [Theory]
    [InlineData("127.0.0.1 127.0.0.2 127.0.0.3")]
    [InlineData("::1 127.0.0.1")]
    [InlineData("::1")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_server_multiple_hosts_ipv4")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_server_multiple_hosts_ipv6")]
    public void It_listens_on_several_hosts(string hosts) => Run(async () =>
    {
        var all = hosts.Split(' ');
        await using var server = await Asyncio.StartServerAsync(StayAsync, all.Append(all[0]), 0);

        Assert.Equal(all, server.Sockets.Select(static socket => ((IPEndPoint)socket.LocalEndPoint!).Address.ToString()));
        foreach (var socket in server.Sockets)
        {
            var address = (IPEndPoint)socket.LocalEndPoint!;
            var (_, writer) = await Asyncio.OpenConnectionAsync(address.Address.ToString(), address.Port);
            await writer.DisposeAsync();
        }
        await Until(() => server.ClientCount == 0);
    });

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_server_dual_stack")]
    public void Both_families_share_a_port() => Run(async () =>
    {
        var client = new Recorder();
        var port = Ports.Free();
        await using var server = await Loop.CreateServerAsync(() => new Recorder(), null, port);

        foreach (var address in new[] { "127.0.0.1", "::1" })
        {
            var (transport, _) = await Loop.CreateConnectionAsync(() => new Recorder(), address, port);
            await Until(() => server.ClientCount == 1);
            transport.Close();
            await Until(() => server.ClientCount == 0);
        }
    });

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_server")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_server_trsock")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_connection")]
    public void A_connection_has_the_servers_address_and_the_clients() => Run(async () =>
    {
        var accepted = new Recorder();
        await using var server = await ServeAsync(() => accepted);
        using var peer = ConnectSocket(server);
        peer.Send("xxx"u8);
        await Until(() => accepted.DataCount == 3);

        Assert.Equal("127.0.0.1", ((IPEndPoint)accepted.Transport.LocalEndPoint!).Address.ToString());
        Assert.Equal(peer.RemoteEndPoint, accepted.Transport.LocalEndPoint);
        Assert.Equal(peer.LocalEndPoint, accepted.Transport.RemoteEndPoint);
        accepted.Transport.Close();
        await Until(() => accepted.IsLost);
        Assert.Equal(0, peer.Receive(new byte[1]));
    });

    [Fact]
    public void Peers_can_be_asked_if_they_are_still_there() => Run(async () =>
    {
        foreach (var asked in new[] { false, true })
        {
            var accepted = new Recorder();
            await using var server = await ServeAsync(() => accepted, new ServerOptions { KeepAlive = asked });
            using var peer = ConnectSocket(server);
            await Until(() => accepted.Transport is not null);

            Assert.Equal(asked ? 1 : 0, accepted.Transport.Socket!.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive));
        }
    });

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_server_close")]
    public void A_closed_server_refuses() => Run(async () =>
    {
        var server = await ServeAsync(() => new Recorder());
        var port = Port(server);
        using (var peer = ConnectSocket(server))
            await Until(() => server.ClientCount == 1);
        await server.DisposeAsync();
        await Refused(new IPEndPoint(IPAddress.Loopback, port));

        var failure = await Expect.ThrowsAsync<SocketException>(Asyncio.OpenConnectionAsync("127.0.0.1", port));

        Assert.Equal(SocketError.ConnectionRefused, failure.SocketErrorCode);
    });

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_connect_accepted_socket")]
    public void A_connection_accepted_elsewhere_can_be_served() => Run(async () =>
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        peer.Connect(listener.LocalEndPoint!);

        var (transport, protocol) = await Loop.ConnectAcceptedSocketAsync(
            () => new Recorder(), listener.Accept(), new ServerOptions { KeepAlive = true });
        peer.Send("hello"u8);
        await Until(() => protocol.DataCount == 5);

        Assert.Equal(1, transport.Socket!.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive));
        Assert.Equal(peer.LocalEndPoint, transport.RemoteEndPoint);
        transport.Close();
        await Until(() => protocol.IsLost);
        Assert.Throws<ArgumentNullException>("socket", () => Loop.ConnectAcceptedSocketAsync(() => new Recorder(), null!));
        Assert.Throws<ArgumentNullException>("factory", () => Loop.ConnectAcceptedSocketAsync<Recorder>(null!, peer));
        using var datagram = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        Assert.Throws<ArgumentException>("socket", () => Loop.ConnectAcceptedSocketAsync(() => new Recorder(), datagram));
    });

    [Fact]
    public void Wrong_options_are_thrown_at_the_call() => Run(() =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var hosts = new[] { "127.0.0.1" };

        Assert.Throws<ArgumentNullException>("hosts", () => Asyncio.StartServerAsync(StayAsync, hosts: null!, 0));
        Assert.Throws<ArgumentException>("hosts", () => Asyncio.StartServerAsync(StayAsync, Array.Empty<string>(), 0));
        Assert.Throws<ArgumentException>("options", () => Asyncio.StartServerAsync(StayAsync, hosts, 0, new ServerOptions { Socket = socket }));
        Assert.Throws<ArgumentOutOfRangeException>(
            "options", () => Asyncio.StartServerAsync(StayAsync, hosts, 0, new ServerOptions { Backlog = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(
            "options", () => Asyncio.StartServerAsync(StayAsync, hosts, 0, new ServerOptions { MaxConnections = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>("port", () => Asyncio.StartServerAsync(StayAsync, hosts, 70_000));
        Assert.Throws<ArgumentOutOfRangeException>(
            "options", () => Asyncio.OpenConnectionAsync("127.0.0.1", 1, new ConnectionOptions { Interleave = -1 }));
        return Coroutine.Completed;
    });
}
