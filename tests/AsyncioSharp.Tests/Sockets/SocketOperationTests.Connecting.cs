using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Sockets;

public abstract partial class SocketOperationTests
{
    private static readonly IPEndPoint s_refusing = new(IPAddress.Loopback, 1);

    [Fact]
    [CPythonTest("test_sock_lowlevel.py", "BaseSockTestsMixin", "test_sock_client_fail")]
    public void A_refused_connection_says_so() => Run(async () =>
    {
        using var socket = NewSocket();
        var failure = await Expect.ThrowsAsync<SocketException>(Loop.SockConnectAsync(socket, s_refusing));
        Assert.Equal(SocketError.ConnectionRefused, failure.SocketErrorCode);
        Assert.Contains("127.0.0.1:1", failure.Message);
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "BaseSelectorEventLoopTests", "test_sock_connect_resolve_using_socket_params")]
    public void A_name_is_looked_up_for_the_family_of_the_socket() => Run(async () =>
    {
        using var listener = NewListener();
        using var socket = NewSocket();
        await Loop.SockConnectAsync(socket, new DnsEndPoint("localhost", ((IPEndPoint)listener.LocalEndPoint!).Port));
        Assert.True(socket.Connected);
    });

    [Fact]
    [CPythonTest("test_sock_lowlevel.py", "BaseSockTestsMixin", "test_sock_client_connect_racing")]
    public void A_cancelled_attempt_can_be_made_again() => Run(async () =>
    {
        using var listener = NewSocket();
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var socket = NewSocket();
        var attempt = Asyncio.CreateTask(Loop.SockConnectAsync(socket, listener.LocalEndPoint!));
        await Asyncio.Yield();
        attempt.Cancel();
        await Asyncio.GatherOutcomes(attempt); // it may have been refused before
        listener.Listen(1);
        // The first time the kernel tells what became of the attempt before.
        for (var i = 0; i < 2 && !socket.Connected; i++)
        {
            try
            {
                await Loop.SockConnectAsync(socket, listener.LocalEndPoint!);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionAborted)
            {
            }
        }
        Assert.True(socket.Connected);
    });

    [Fact]
    public void A_cancelled_attempt_leaves_the_socket_open() => Run(async () =>
    {
        using var listener = NewListener();
        using var socket = NewSocket();
        var attempt = Asyncio.CreateTask(Loop.SockConnectAsync(socket, listener.LocalEndPoint!));
        await Asyncio.Yield();
        attempt.Cancel();
        await Asyncio.GatherOutcomes(attempt); // it may have succeeded before
        await Expect.Turns(3);
        using var accepted = await Loop.SockAcceptAsync(listener);
        Assert.False(socket.SafeHandle.IsClosed);
        Assert.False(accepted.Poll(0, SelectMode.SelectRead)); // nor has it ended
    });

    [Fact]
    [CPythonTest("test_sock_lowlevel.py", "BaseSockTestsMixin", "test_unix_sock_client_ops")]
    public void Unix_sockets_do_the_same() => Run(async () =>
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen(1);
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await Loop.SockConnectAsync(socket, new UnixDomainSocketEndPoint(path));
            using var peer = await Loop.SockAcceptAsync(listener);
            var receiving = Asyncio.CreateTask(Loop.SockReceiveAsync(peer, 100));
            await Asyncio.Yield();
            await Loop.SockSendAllAsync(socket, "data"u8.ToArray());
            Assert.Equal("data"u8.ToArray(), await receiving);
        }
        finally
        {
            File.Delete(path);
        }
    });

    [Fact]
    [CPythonTest("test_sock_lowlevel.py", "BaseSockTestsMixin", "test_sock_accept")]
    public void A_task_that_accepts_waits_for_the_connection() => Run(async () =>
    {
        using var listener = NewListener();
        var accepting = Asyncio.CreateTask(Loop.SockAcceptAsync(listener));
        await Expect.Turns(3);
        Assert.False(accepting.IsCompleted);
        using var client = NewSocket();
        client.Connect(listener.LocalEndPoint!);
        using var accepted = await accepting;
        Assert.Equal(client.LocalEndPoint, accepted.RemoteEndPoint);
        Assert.Equal(client.RemoteEndPoint, accepted.LocalEndPoint);
        Assert.True(accepted.Connected);
    });

    [Fact]
    [CPythonTest("test_sock_lowlevel.py", "BaseSockTestsMixin", "test_cancel_sock_accept")]
    public void A_cancelled_accept_takes_no_connection() => Run(async () =>
    {
        using var listener = NewListener();
        var accepting = Asyncio.CreateTask(Loop.SockAcceptAsync(listener));
        await Asyncio.Yield();
        accepting.Cancel();
        await Asyncio.Wait([accepting]);
        Assert.True(accepting.IsCanceled);
        using var client = NewSocket();
        client.Connect(listener.LocalEndPoint!);
        using var accepted = await Loop.SockAcceptAsync(listener);
        Assert.Equal(client.LocalEndPoint, accepted.RemoteEndPoint);
    });

    [Fact]
    public void Accepting_on_a_socket_that_does_not_listen_fails() => Run(async () =>
    {
        using var socket = NewSocket();
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var accepting = Asyncio.CreateTask(Loop.SockAcceptAsync(socket));
        await Asyncio.Wait([accepting]);
        Assert.True(accepting.Exception is SocketException or InvalidOperationException);
    });

    [Fact]
    [CPythonTest("test_sock_lowlevel.py", "BaseSockTestsMixin", "test_create_connection_sock")]
    public void A_socket_connected_here_can_become_a_transport() => Run(async () =>
    {
        using var listener = NewListener();
        using var socket = NewSocket();
        await Loop.SockConnectAsync(socket, listener.LocalEndPoint!);
        using var peer = await Loop.SockAcceptAsync(listener);
        var (transport, protocol) = await Loop.CreateConnectionAsync(() => new Recorder(), null, 0, new ConnectionOptions { Socket = socket });
        transport.Write("data"u8);
        Assert.Equal("data"u8.ToArray(), await Loop.SockReceiveAsync(peer, 100));
        peer.Dispose();
        await Until(() => protocol.IsLost);
        Assert.Equal("made eof lost", protocol.Events);
    });
}
