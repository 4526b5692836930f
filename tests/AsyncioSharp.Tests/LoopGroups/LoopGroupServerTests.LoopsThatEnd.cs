using System.Net;
using System.Net.Sockets;
using System.Text;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

// What becomes of a server when loops end by themselves: the others go on.
public abstract partial class LoopGroupServerTests
{
    public enum Listening
    {
        SharedPort,
        GivenSocket,
        UnixSocket,
    }

    [Fact]
    public Task Disposing_of_a_server_whose_loop_ends_meanwhile_is_no_failure() =>
        DisposeWhileClosingWaitsAsync(static () => EventLoop.Running.Stop());

    [Theory]
    [InlineData(ConnectionBalancing.LeastConnections)]
    [InlineData(ConnectionBalancing.RoundRobin)]
    public async Task A_loop_that_has_ended_by_itself_is_given_no_connections(ConnectionBalancing balancing)
    {
        await using var group = Start(3);
        // A socket on which the first loop accepts for all, so that not the system decides who gets what.
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var server = await group.StartServerAsync(TellPlaceAsync, null, 0, new ServerOptions { Socket = socket }, balancing);
        await EndAsync(group.Loops[1]);

        List<Socket> clients = [];
        var places = new int[20];
        for (var i = 0; i < places.Length; i++)
        {
            clients.Add(Connect(server.EndPoints[0]));
            places[i] = Receive(clients[^1], 1)[0];
        }
        clients.ForEach(static client => client.Dispose());

        Assert.Equal([0, 2], places.Distinct().Order());
        Assert.InRange(places.Count(static place => place == 0), 8, 12);
    }

    [Theory]
    [InlineData(Listening.SharedPort)]
    [InlineData(Listening.GivenSocket)]
    public async Task Handlers_see_the_context_in_which_the_server_was_started_on_every_loop(Listening how)
    {
        await using var group = Start(2);
        var local = new AsyncLocal<byte> { Value = 7 };
        await using var server = await StartAsync(group, how, async (reader, writer) =>
        {
            await using (writer)
            {
                writer.Write([local.Value]);
                await writer.DrainAsync();
                await reader.ReadAsync();
            }
        });
        local.Value = 8;

        Assert.Equal([7], PlacesThatServe(server, 6));
        await EndAsync(group.Loops[0]);
        Assert.Equal([7], PlacesThatServe(server, 3)); // who listens there has it from the other
    }

    [Theory]
    [InlineData(Listening.SharedPort)]
    [InlineData(Listening.GivenSocket)]
    [InlineData(Listening.UnixSocket)]
    public async Task Others_accept_when_the_loop_that_did_has_ended_by_itself(Listening how)
    {
        await using var group = Start(3);
        await using var server = await StartAsync(group, how);

        await EndAsync(group.Loops[0]);
        Assert.Equal([1, 2], PlacesThatServe(server, 6));
        await EndAsync(group.Loops[1]);
        Assert.Equal([2], PlacesThatServe(server, 6));
        await EndAsync(group.Loops[2]);

        await Refused(server.EndPoints[0]);
        if (how == Listening.UnixSocket)
            await Until(() => Task.FromResult(!File.Exists(server.EndPoints[0].ToString())));
    }

    // The loop is held up when they connect, and has ended before it could accept them.
    [Theory]
    [InlineData(Listening.SharedPort)]
    [InlineData(Listening.GivenSocket)]
    [InlineData(Listening.UnixSocket)]
    public async Task Who_has_connected_before_the_loop_that_accepts_ends_is_served_by_another(Listening how)
    {
        await using var group = Start(3);
        await using var server = await StartAsync(group, how);
        var release = await HoldAsync(group.Loops[0], static () => EventLoop.Running.Stop());
        var clients = Enumerable.Range(0, 20).Select(_ => Connect(server.EndPoints[0])).ToArray();

        release();

        Assert.All(clients, static client => Assert.InRange(Receive(client, 1)[0], 1, 2));
        Array.ForEach(clients, static client => client.Dispose());
    }

    [Theory]
    [InlineData(Listening.GivenSocket)]
    [InlineData(Listening.UnixSocket)]
    public async Task When_the_loop_that_accepts_and_the_next_end_at_once_the_last_one_accepts(Listening how)
    {
        for (var i = 0; i < 20; i++)
        {
            await using var group = Start(3);
            await using var server = await StartAsync(group, how);

            await Task.WhenAll(EndAsync(group.Loops[i % 3]), EndAsync(group.Loops[(i + 1) % 3]));

            Assert.Equal([(i + 2) % 3], PlacesThatServe(server, 3));
        }
    }

    [Fact]
    public async Task When_a_server_is_closed_while_the_loop_that_accepts_ends_nobody_listens_any_more()
    {
        for (var i = 0; i < 60; i++)
        {
            await using var group = Start(3);
            await using var server = await StartAsync(group, Listening.UnixSocket);

            var ending = EndAsync(group.Loops[0]);
            Thread.SpinWait(i * 200);
            await ((i % 3) switch
            {
                0 => server.CloseAsync(),
                1 => server.ShutdownAsync(null, CancellationToken.None),
                _ => server.DisposeAsync().AsTask(),
            });

            await Refused(server.EndPoints[0]);
            Assert.False(File.Exists(server.EndPoints[0].ToString()));
            await ending;
        }
    }

    [Fact]
    public async Task A_server_is_counted_closed_and_shut_down_on_the_loops_that_are_left()
    {
        await using var group = Start(3);
        await using var server = await StartAsync(group, Listening.GivenSocket);
        List<Socket> clients = [];
        for (var i = 0; i < 6; i++)
        {
            clients.Add(Connect(server.EndPoints[0]));
            Receive(clients[i], 1);
        }
        await EndAsync(group.Loops[1]);

        int[] counts = await server.CountClientsAsync();
        Assert.Equal([2, 0, 2], counts);
        await server.CloseAsync();
        await Refused(server.EndPoints[0]);
        Assert.Equal(4, await server.ShutdownAsync(TimeSpan.Zero, TestContext.Current.CancellationToken));
        counts = await server.CountClientsAsync();
        Assert.Equal([0, 0, 0], counts);
        clients.ForEach(static client => client.Dispose());
    }

    [Fact]
    public async Task A_shutdown_does_not_wait_for_connections_of_a_loop_that_ends_meanwhile()
    {
        await using var group = Start(2);
        await using var server = await StartAsync(group, Listening.GivenSocket);
        using var first = Connect(server.EndPoints[0]);
        using var second = Connect(server.EndPoints[0]);
        var place = Receive(first, 1)[0];
        Assert.Equal(1 - place, Receive(second, 1)[0]);

        var shutdown = server.ShutdownAsync(null, TestContext.Current.CancellationToken);
        await Refused(server.EndPoints[0]);
        await EndAsync(group.Loops[place]);
        Assert.False(shutdown.IsCompleted);
        second.Shutdown(SocketShutdown.Send);

        Assert.Equal(0, await shutdown.WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_shutdown_that_is_cancelled_when_a_loop_has_ended_is_cancelled()
    {
        await using var group = Start(2);
        await using var server = await StartAsync(group, Listening.GivenSocket);
        using var first = Connect(server.EndPoints[0]);
        using var second = Connect(server.EndPoints[0]);
        await EndAsync(group.Loops[Receive(first, 1)[0]]);
        using var source = new CancellationTokenSource();

        var shutdown = server.ShutdownAsync(null, source.Token);
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => shutdown.WaitAsync(Patience));
    }

    [Theory]
    [InlineData(Listening.SharedPort)]
    [InlineData(Listening.UnixSocket)]
    public async Task A_server_is_started_on_the_loops_that_are_left(Listening how)
    {
        await using var group = Start(3);
        await EndAsync(group.Loops[0]);

        await using var server = await StartAsync(group, how);

        Assert.Equal(2, server.Parts.Count);
        Assert.Equal([1, 2], PlacesThatServe(server, 6));
    }

    // The loop is held up, and about to end, when it is to listen.
    [Theory]
    [InlineData(Listening.SharedPort, 0)]
    [InlineData(Listening.SharedPort, 2)]
    [InlineData(Listening.UnixSocket, 0)]
    [InlineData(Listening.UnixSocket, 2)]
    public async Task A_server_of_which_a_loop_ends_while_it_starts_is_started_on_those_that_are_left(Listening how, int place)
    {
        await using var group = Start(3);
        var release = await HoldAsync(group.Loops[place], static () => EventLoop.Running.Stop());

        var starting = StartAsync(group, how);
        release();

        await using var server = await starting.WaitAsync(Patience, TestContext.Current.CancellationToken);
        int[] left = [.. Enumerable.Range(0, 3).Where(other => other != place)];
        Assert.Equal(left.Select(other => group.Loops[other]), server.Parts.Select(static part => part.Loop));
        Assert.Equal(left, PlacesThatServe(server, 6));
    }

    [Fact]
    public async Task A_server_that_a_coroutine_starts_on_a_loop_that_it_has_stopped_is_started_on_those_that_are_left()
    {
        await using var group = Start(2, Timeout.InfiniteTimeSpan);
        var starting = new TaskCompletionSource<Task<LoopGroupServer>>();
        var running = group.RunAsync(group.Loops[0], async () =>
        {
            EventLoop.Running.Stop();
            var server = group.StartServerAsync(TellPlaceAsync, "127.0.0.1", 0);
            starting.SetResult(server);
            await server; // so that the end of the loop waits for that
        }, CancellationToken.None);

        await using var server = await (await starting.Task).WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.Equal([1], PlacesThatServe(server, 3));
        Assert.IsNotType<TimeoutException>(await Record.ExceptionAsync(() => running.WaitAsync(Patience)));
    }

    [Fact]
    public async Task A_socket_on_which_a_server_was_to_listen_is_closed_when_its_loop_ends_first()
    {
        await using var group = Start(2);
        var release = await HoldAsync(group.Loops[0], static () => EventLoop.Running.Stop());
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        var starting = group.StartServerAsync(TellPlaceAsync, null, 0, new ServerOptions { Socket = socket });
        release();

        Assert.IsNotType<TimeoutException>(await Record.ExceptionAsync(() => starting.WaitAsync(Patience)));
        Assert.True(starting.IsFaulted || starting.IsCanceled);
        Assert.True(socket.SafeHandle.IsClosed);
    }

    [Fact]
    public async Task A_server_is_not_started_where_all_loops_end()
    {
        await using var group = Start(2);
        await Task.WhenAll(EndAsync(group.Loops[0]), EndAsync(group.Loops[1]));

        await Assert.ThrowsAsync<ObjectDisposedException>(() => StartAsync(group, Listening.SharedPort));
    }

    [Fact]
    public async Task A_connection_that_is_to_move_to_a_loop_that_has_ended_stays_where_it_is()
    {
        await using var group = Start();
        var ended = group.Loops[1];
        await using var server = await group.StartServerAsync(ServeAsync, "127.0.0.1", 0);
        await EndAsync(ended);
        using var client = Connect(server.EndPoints[0]);

        client.Send("still served"u8);

        Assert.Equal("still served", Encoding.ASCII.GetString(Receive(client, 12)));

        async Coroutine ServeAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
        {
            await Expect.ThrowsAsync<ObjectDisposedException>(async () => await group.MoveAsync(writer, ended, EchoAsync));
            await EchoAsync(reader, writer);
        }
    }

    private static Task<LoopGroupServer> StartAsync(
        LoopGroup group, Listening how, Func<AsyncStreamReader, AsyncStreamWriter, Coroutine>? handler = null)
    {
        handler ??= TellPlaceAsync;
        switch (how)
        {
            case Listening.UnixSocket:
                Assert.SkipUnless(Socket.OSSupportsUnixDomainSockets, "there are no Unix sockets");
                return group.StartUnixServerAsync(handler, Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()));
            case Listening.GivenSocket:
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                return group.StartServerAsync(handler, null, 0, new ServerOptions { Socket = socket });
            default:
                return group.StartServerAsync(handler, "127.0.0.1", 0);
        }
    }

    // Disposes of a server whose connection cannot be closed yet, while something happens on its loop.
    private async Task DisposeWhileClosingWaitsAsync(Action meanwhile)
    {
        await using var group = Start(1);
        var written = new TaskCompletionSource();
        var server = await group.CreateServerAsync(() => new Told((transport, _) =>
        {
            transport.Write(new byte[10_000_000]); // which nobody reads: closing waits
            written.SetResult();
        }, null), "127.0.0.1", 0);
        using var client = Connect(server.EndPoints[0]);
        client.Send("x"u8);
        await written.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

        var disposing = server.DisposeAsync();
        await Refused(server.EndPoints[0]);
        group.Loops[0].CallSoonThreadsafe(meanwhile);

        await disposing.AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    private static async Task EndAsync(EventLoop loop)
    {
        loop.CallSoonThreadsafe(() => EventLoop.Running.Stop());
        await Until(() => Task.FromResult(loop.IsClosed));
    }

    // Those that serve connections that are open at the same time.
    private static int[] PlacesThatServe(LoopGroupServer server, int count)
    {
        var clients = Enumerable.Range(0, count).Select(_ => Connect(server.EndPoints[0])).ToArray();
        int[] places = [.. clients.Select(static client => (int)Receive(client, 1)[0]).Distinct().Order()];
        Array.ForEach(clients, static client => client.Dispose());
        return places;
    }
}
