using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Streams;

/// <summary>How a server begins, and how it ends.</summary>
public abstract partial class ServerTests(EventLoop loop) : OnNetwork(loop)
{
    // Stays until the peer ends, as most handlers do.
    private static async Coroutine StayAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        await using (writer)
            await reader.ReadAsync();
    }

    [Fact]
    [CPythonTest("test_server.py", "BaseStartServer", "test_start_server_1")]
    public void Serving_for_ever_ends_with_a_cancellation() => Run(async () =>
    {
        AsyncioTask? main = null;
        var server = await ServeAsync(async (reader, writer) =>
        {
            await reader.ReadLineAsync();
            main!.Cancel();
            writer.Write("1"u8);
            writer.Close();
            await writer.WaitClosedAsync();
        }, new ServerOptions { StartServing = false });
        Assert.False(server.IsServing);
        var port = Port(server);

        main = Asyncio.CreateTask(ServeForeverAsync());
        await Until(() => server.IsServing);
        var (reader, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", port);
        writer.Write(new byte[5 * 1024]);
        writer.Write("\n"u8);
        Assert.Single(await reader.ReadAsync());
        await writer.DisposeAsync();

        await Expect.ThrowsAsync<CanceledException>(main);
        Assert.Empty(server.Sockets);
        Assert.False(server.IsServing);
        var failure = Assert.Throws<InvalidOperationException>(() => server.ServeForeverAsync());
        Assert.StartsWith("The server is closed", failure.Message);
        Assert.Throws<InvalidOperationException>(() => server.StartServingAsync());

        async Coroutine ServeForeverAsync()
        {
            await using (server)
                await server.ServeForeverAsync();
        }
    });

    [Fact]
    public void Serving_for_ever_ends_when_the_server_is_closed() => Run(async () =>
    {
        var server = await ServeAsync(StayAsync);
        var serving = Loop.CreateTask(server.ServeForeverAsync());
        await Expect.Turns(2);
        Assert.Throws<InvalidOperationException>(() => server.ServeForeverAsync());

        server.Close();

        await Expect.ThrowsAsync<CanceledException>(serving);
    });

    [Fact]
    public void Cancelling_it_closes_the_connections_too() => Run(async () =>
    {
        var server = await ServeAsync(StayAsync);
        var serving = Loop.CreateTask(server.ServeForeverAsync());
        var (reader, writer) = await ConnectAsync(server);
        await Until(() => server.ClientCount == 1);

        serving.Cancel();

        await Expect.ThrowsAsync<CanceledException>(serving);
        Assert.Equal(0, server.ClientCount);
        Assert.Empty(await reader.ReadAsync());
        await writer.DisposeAsync();
    });

    [Fact]
    [CPythonTest("test_server.py", "TestServer2", "test_wait_closed_basic")]
    public void Waiting_for_the_end_waits_for_the_last_connection() => Run(async () =>
    {
        var server = await ServeAsync(StayAsync);
        var idle = Loop.CreateTask(server.WaitClosedAsync());
        await Asyncio.Yield();
        Assert.False(idle.IsCompleted);

        var (_, writer) = await ConnectAsync(server);
        await Until(() => server.ClientCount == 1);
        var busy = Loop.CreateTask(server.WaitClosedAsync());
        await Asyncio.Yield();
        Assert.False(idle.IsCompleted);
        Assert.False(busy.IsCompleted);

        server.Close();
        server.Close();
        await Asyncio.Yield();
        var closed = Loop.CreateTask(server.WaitClosedAsync());
        await Asyncio.Yield();
        Assert.False(idle.IsCompleted);
        Assert.False(busy.IsCompleted);
        Assert.False(closed.IsCompleted);
        Assert.Equal(1, server.ClientCount);

        writer.Close();
        await writer.WaitClosedAsync();
        await idle;
        await busy;
        await closed;
        await server.WaitClosedAsync();
    });

    [Fact]
    [CPythonTest("test_server.py", "TestServer2", "test_wait_closed_race")]
    public void The_end_may_come_while_it_is_waited_for() => Run(async () =>
    {
        var server = await ServeAsync(StayAsync);
        var waiting = Loop.CreateTask(server.WaitClosedAsync());
        await Asyncio.Yield();
        var (_, writer) = await ConnectAsync(server);
        await Until(() => server.ClientCount == 1);

        Loop.CallSoon(server.Close);
        Loop.CallSoon(writer.Close);

        await server.WaitClosedAsync();
        await waiting;
    });

    [Fact]
    public void Whoever_waits_for_the_end_can_be_cancelled() => Run(async () =>
    {
        var server = await ServeAsync(StayAsync);
        var first = Loop.CreateTask(server.WaitClosedAsync());
        var second = Loop.CreateTask(server.WaitClosedAsync());
        await Asyncio.Yield();

        first.Cancel();
        server.Close();

        await second;
        await Expect.ThrowsAsync<CanceledException>(first);
    });

    [Fact]
    [CPythonTest("test_server.py", "TestServer2", "test_close_clients")]
    public void Connections_can_be_closed() => Run(async () =>
    {
        var server = await ServeAsync(StayAsync);
        var (reader, writer) = await ConnectAsync(server);
        await Until(() => server.ClientCount == 1);
        var waiting = Loop.CreateTask(server.WaitClosedAsync());
        await Asyncio.Yield();

        server.Close();
        server.CloseClients();
        await Expect.Turns(2);

        Assert.True(waiting.IsCompleted);
        Assert.Empty(await reader.ReadAsync());
        await writer.DisposeAsync();
    });

    [Fact]
    [CPythonTest("test_server.py", "TestServer2", "test_abort_clients")]
    public void Connections_that_do_not_end_can_be_aborted() => Run(async () =>
    {
        var accepted = Loop.CreateFuture<AsyncStreamWriter>();
        var server = await ServeAsync((_, writer) =>
        {
            accepted.SetResult(writer);
            return writer.WaitClosedAsync();
        });
        using var peer = ConnectSocket(server); // which reads nothing
        var writer = await accepted;
        while (writer.Transport.WriteBufferSize == 0)
            writer.Write(new byte[1 << 20]);

        var waiting = Loop.CreateTask(server.WaitClosedAsync());
        server.Close();
        server.CloseClients();
        await Expect.Turns(5);
        Assert.False(waiting.IsCompleted);

        server.AbortClients();
        await Expect.Turns(2);
        Assert.True(waiting.IsCompleted);
    });

    [Fact]
    public void An_exception_does_not_hang_where_a_server_is_disposed_of() => Run(async () =>
    {
        await Expect.ThrowsAsync<DivideByZeroException>(async () =>
        {
            await using var server = await ServeAsync(StayAsync);
            using var peer = ConnectSocket(server); // which stays
            await Until(() => server.ClientCount == 1);
            throw new DivideByZeroException();
        });
    });

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_server_empty_host")]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_server_ipv6")]
    public void Without_a_host_it_listens_on_every_address_of_both_families() => Run(async () =>
    {
        foreach (var host in new[] { null, "" })
        {
            await using var server = await Asyncio.StartServerAsync(StayAsync, host, 0);

            Assert.Equal([IPAddress.Any, IPAddress.IPv6Any], server.Sockets.Select(socket => ((IPEndPoint)socket.LocalEndPoint!).Address));
        }
        await using var only = await Asyncio.StartServerAsync(StayAsync, null, 0, new ServerOptions { AddressFamily = AddressFamily.InterNetworkV6 });
        var (_, writer) = await Asyncio.OpenConnectionAsync("::1", Port(only));
        Assert.Equal(AddressFamily.InterNetworkV6, writer.RemoteEndPoint!.AddressFamily);
        await Until(() => only.ClientCount == 1);
        await writer.DisposeAsync();
    });

    [Fact]
    [CPythonTest("test_events.py", "TestServer", "test_get_loop")]
    public void A_server_names_its_loop() => Run(async () =>
    {
        await using var server = await Asyncio.StartServerAsync(StayAsync, "0.0.0.0", 0);

        Assert.Same(Loop, server.Loop);
        server.Close();
        await server.WaitClosedAsync();
        Assert.Same(Loop, server.Loop);
    });

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_server_sock")]
    public void A_bound_socket_can_be_handed_over() => Run(async () =>
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var server = await Asyncio.StartServerAsync(StayAsync, null, 0, new ServerOptions { Socket = socket });

        Assert.Same(socket, Assert.Single(server.Sockets));
        var (_, writer) = await ConnectAsync(server);
        await writer.DisposeAsync();
        await server.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => socket.Available);
    });

    [Fact]
    public void A_listening_socket_that_is_disposed_of_does_no_harm() => Run(async () =>
    {
        var server = await ServeAsync(StayAsync);

        server.Sockets[0].Dispose();
        await Expect.Turns(3);

        await server.DisposeAsync();
    });

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_server_cant_bind")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_server_addr_in_use")]
    public void An_address_in_use_is_an_error_that_names_it() => Run(async () =>
    {
        await using var server = await ServeAsync(StayAsync);
        var port = Port(server);

        var failure = await Expect.ThrowsAsync<SocketException>(async () => await Asyncio.StartServerAsync(StayAsync, "127.0.0.1", port));

        Assert.Equal(SocketError.AddressAlreadyInUse, failure.SocketErrorCode);
        Assert.StartsWith($"The server cannot listen on 127.0.0.1:{port}: ", failure.Message);
    });

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_server_reuse_port")]
    public void A_port_can_be_shared() => Run(async () =>
    {
        var options = new ServerOptions { ReusePort = true };
        await using var one = await ServeAsync(StayAsync, options);
        await using var other = await Asyncio.StartServerAsync(StayAsync, "127.0.0.1", Port(one), options);

        Assert.Equal(Port(one), Port(other));
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10)]
    [CPythonTest("test_selector_events.py", "BaseSelectorEventLoopTests", "test_accept_connection_zero_one")]
    [CPythonTest("test_selector_events.py", "BaseSelectorEventLoopTests", "test_accept_connection_multiple")]
    public void As_many_connections_are_accepted_at_once_as_the_queue_holds(int backlog) => Run(async () =>
    {
        await using var server = await ServeAsync(() => new Transports.Recorder(), new ServerOptions { Backlog = backlog });

        var peers = Enumerable.Range(0, backlog + 1).Select(_ => ConnectSocket(server)).ToArray();
        await Until(() => server.ClientCount == backlog + 1);

        foreach (var peer in peers)
            peer.Dispose();
    });

    [Fact]
    public void Handlers_see_the_context_in_which_the_server_was_started() => Run(async () =>
    {
        var local = new AsyncLocal<string> { Value = "at the start" };
        var seen = Loop.CreateFuture<string?>();
        await using var server = await ServeAsync(async (_, writer) =>
        {
            seen.SetResult(local.Value);
            await writer.DisposeAsync();
        });
        local.Value = "later";

        using var peer = ConnectSocket(server);

        Assert.Equal("at the start", await seen);
    });

    [Fact]
    public void Handlers_do_not_see_the_context_of_a_connection_whose_end_made_room_for_theirs() => Run(async () =>
    {
        var local = new AsyncLocal<string> { Value = "at the start" };
        List<string?> seen = [];
        await using var server = await ServeAsync(async (_, writer) =>
        {
            seen.Add(local.Value);
            local.Value = "a client's";
            await writer.DisposeAsync();
        }, new ServerOptions { MaxConnections = 1 });

        for (var i = 0; i < 3; i++)
        {
            using var peer = ConnectSocket(server);
            Assert.Equal(0, await Asyncio.ToThread(() => peer.Receive(new byte[1])));
        }

        Assert.Equal(["at the start", "at the start", "at the start"], seen);
    });

    [Fact]
    public void A_protocol_that_cannot_be_made_costs_its_connection_only() => Run(async () =>
    {
        var attempts = 0;
        await using var server = await ServeAsync(() => attempts++ == 0 ? throw new DivideByZeroException() : new Transports.Recorder());

        using var first = ConnectSocket(server);
        Assert.Equal(0, await Asyncio.ToThread(() => first.Receive(new byte[1])));
        Assert.IsType<DivideByZeroException>(Assert.Single(Reports()).Exception);
        using var second = ConnectSocket(server);
        await Until(() => server.ClientCount == 1);
    });
}

public sealed class EpollServerTests() : LinuxServerTests(new EpollEventLoop());

public sealed class IoUringServerTests() : LinuxServerTests(IoUring.NewLoop());

public abstract class LinuxServerTests(EventLoop loop) : ServerTests(loop)
{
    // Both are told of each connection, and one comes too late.
    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_accept_connection_retry")]
    public void Two_loops_can_accept_on_one_socket() => Run(async () =>
    {
        await using var one = await ServeAsync(AnswerAsync);
        var socket = one.Sockets[0];
        await using var thread = new EventLoopThread(new RunnerOptions { LoopFactory = static () => new EpollEventLoop() });
        var other = await thread.RunAsync(() => Asyncio.StartServerAsync(
            AnswerAsync, null, 0, new ServerOptions { Socket = new Socket(new SafeSocketHandle(socket.Handle, ownsHandle: false)) }));

        for (var round = 0; round < 20; round++)
            Assert.All(await Asyncio.Gather(Enumerable.Range(0, 10).Select(_ => AskAsync(one, "x\n"))), static answer => Assert.Equal("x\n", answer));

        Assert.True(one.IsServing);
        await thread.RunAsync(other.DisposeAsync);

        static async Coroutine AnswerAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
        {
            await using (writer)
                writer.Write(await reader.ReadLineAsync());
        }
    });
}

public sealed class PortableServerTests() : ServerTests(new PortableEventLoop());
