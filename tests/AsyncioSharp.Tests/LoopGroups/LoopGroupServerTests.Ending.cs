using System.Net;
using System.Net.Sockets;
using System.Text;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

// How a server ends.
public abstract partial class LoopGroupServerTests
{
    [Fact]
    public async Task A_group_that_stops_lets_connections_finish_and_ends_those_that_do_not()
    {
        var group = Start();
        var server = await group.StartServerAsync(EchoAsync, "127.0.0.1", 0);
        using var finishing = Connect(server.EndPoints[0]);
        using var staying = Connect(server.EndPoints[0]);
        finishing.Send("a"u8);
        staying.Send("b"u8);
        Receive(finishing, 1);
        Receive(staying, 1);

        var stopping = group.StopAsync(TimeSpan.FromSeconds(0.3));
        await Refused(server.EndPoints[0]);
        finishing.Send("still served"u8);
        Assert.Equal("still served", Encoding.ASCII.GetString(Receive(finishing, 12)));
        finishing.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, finishing.Receive(new byte[1]));
        var end = await stopping;

        Assert.Equal(1, end.AbortedConnections);
        Assert.Empty(end.Unfinished);
    }

    [Fact]
    public async Task A_connection_that_was_on_its_way_when_its_server_was_shut_down_ends_where_it_comes_to()
    {
        await using var group = Start();
        var detached = new TaskCompletionSource<DetachedConnection>();
        await using var server = await group.StartServerAsync(async (_, writer) => detached.SetResult(await writer.DetachAsync()), "127.0.0.1", 0);
        using var client = Connect(server.EndPoints[0]);
        var connection = await detached.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(1, await server.ShutdownAsync(TimeSpan.Zero, TestContext.Current.CancellationToken));

        var served = group.RunAsync(
            group.Loops[1], async () => (await (await Asyncio.AttachAsync(connection)).Reader.ReadAsync()).Length, CancellationToken.None);

        Assert.Equal(0, client.Receive(new byte[1]));
        Assert.Equal(0, await served.WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_connection_that_arrives_while_the_others_are_aborted_does_not_hold_up_the_shutdown()
    {
        await using var group = Start(1);
        var loop = group.Loops[0];
        var (detached, stays) = (new TaskCompletionSource<DetachedConnection>(), new TaskCompletionSource());
        await using var server = await group.CreateServerAsync(() => new Told(Received, Lost), "127.0.0.1", 0);
        using var moving = Connect(server.EndPoints[0]);
        moving.Send("m"u8);
        await detached.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        using var staying = Connect(server.EndPoints[0]);
        staying.Send("s"u8);
        await stays.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

        await server.ShutdownAsync(TimeSpan.Zero, TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.Equal(0, moving.Receive(new byte[1]));
        var counts = await server.CountClientsAsync();
        Assert.Equal([0], counts);

        void Received(Transport transport, byte first)
        {
            if (first == 'm')
                loop.CreateTask(DetachAsync(transport));
            else
                stays.SetResult();
        }

        async Coroutine DetachAsync(Transport transport) => detached.SetResult(await loop.DetachAsync(transport));

        // At once, so that the server has never been without connections.
        void Lost() => loop.CreateTask(AttachAsync(detached.Task.Result), eagerStart: true);

        async Coroutine AttachAsync(DetachedConnection connection) => await loop.AttachAsync(() => new Told(null, null), connection);
    }

    [Fact]
    public async Task After_a_shutdown_that_was_cancelled_a_connection_that_was_on_its_way_goes_on_too()
    {
        await using var group = Start(1);
        var detached = new TaskCompletionSource<DetachedConnection>();
        await using var server = await group.StartServerAsync(ServeAsync, "127.0.0.1", 0);
        using var moving = Connect(server.EndPoints[0]);
        moving.Send("m"u8);
        var connection = await detached.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        using var staying = Connect(server.EndPoints[0]);
        staying.Send("s"u8);
        Receive(staying, 1);

        using var source = new CancellationTokenSource();
        var shutdown = server.ShutdownAsync(null, source.Token);
        await Refused(server.EndPoints[0]);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => shutdown);
        var served = group.RunAsync(group.Loops[0], async () =>
        {
            var (reader, writer) = await Asyncio.AttachAsync(connection);
            await EchoAsync(reader, writer);
        }, CancellationToken.None);

        foreach (var client in (Socket[])[moving, staying])
        {
            client.Send("still served"u8);
            Assert.Equal("still served", Encoding.ASCII.GetString(Receive(client, 12)));
        }
        moving.Shutdown(SocketShutdown.Send);
        await served.WaitAsync(Patience, TestContext.Current.CancellationToken);

        async Coroutine ServeAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
        {
            if ((await reader.ReadExactlyAsync(1))[0] == 'm')
            {
                detached.SetResult(await writer.DetachAsync());
                return;
            }
            writer.Write("s"u8);
            await EchoAsync(reader, writer);
        }
    }

    // The part of the loop to which it moves has no connections, and nothing to wait for.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_may_move_while_its_server_waits_for_the_connections(bool stopsGroup)
    {
        await using var group = Start();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var server = await group.StartServerAsync(
            ServeAsync, null, 0, new ServerOptions { Socket = socket }, ConnectionBalancing.RoundRobin);
        using var moving = Connect(server.EndPoints[0]);
        using (Connect(server.EndPoints[0]))
            await Until(async () => (await server.CountClientsAsync())[1] > 0);
        using var staying = Connect(server.EndPoints[0]);
        await Until(async () => (await server.CountClientsAsync()) is [2, 0]);

        var ending = stopsGroup ? group.StopAsync(Patience) : (Task)server.ShutdownAsync(Patience, TestContext.Current.CancellationToken);
        await Refused(server.EndPoints[0]);
        await Task.Delay(50, TestContext.Current.CancellationToken); // in which the other part would come to its end, if it did that by itself
        moving.Send("m"u8);
        Receive(moving, 1);
        moving.Send("still served"u8);
        Assert.Equal("still served", Encoding.ASCII.GetString(Receive(moving, 12)));
        staying.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, staying.Receive(new byte[1]));
        moving.Send("and still"u8);
        Assert.Equal("and still", Encoding.ASCII.GetString(Receive(moving, 9)));
        Assert.False(ending.IsCompleted);
        moving.Shutdown(SocketShutdown.Send);

        await ending.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(0, ending is Task<LoopGroupEnd> end ? (await end).AbortedConnections : await (Task<int>)ending);

        async Coroutine ServeAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
        {
            if ((await reader.ReadAsync(1)).Length == 0)
            {
                writer.Close();
                return;
            }
            var connection = await writer.DetachAsync();
            var other = group.Loops[1];
            other.CallSoonThreadsafe(() => other.CreateTask(GoOnAsync(connection)));
        }

        static async Coroutine GoOnAsync(DetachedConnection connection)
        {
            var (reader, writer) = await Asyncio.AttachAsync(connection);
            writer.Write("m"u8);
            await EchoAsync(reader, writer);
        }
    }

    [Fact]
    public async Task A_server_that_has_begun_to_start_when_the_group_stops_does_not()
    {
        await using var group = Start(1);
        var finish = new TaskCompletionSource();
        var working = group.RunAsync(group.Loops[0], async () => await finish.Task, CancellationToken.None); // so that the loop goes on meanwhile
        var release = await HoldAsync(group.Loops[0]);
        var port = Ports.Free();

        var starting = group.StartServerAsync(EchoAsync, "127.0.0.1", port);
        var stopping = group.StopAsync(Patience);
        release();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => starting.WaitAsync(Patience));
        await Refused(new IPEndPoint(IPAddress.Loopback, port));
        finish.SetResult();
        await working;
        await stopping;
    }

    [Fact]
    public Task Disposing_of_a_server_does_not_fail_when_its_wait_is_cancelled() => DisposeWhileClosingWaitsAsync(CancelAll);

    [Fact]
    public async Task A_connection_that_was_on_its_way_when_serving_for_ever_was_cancelled_ends_where_it_comes_to()
    {
        await using var group = Start(1);
        var detached = new TaskCompletionSource<DetachedConnection>();
        await using var server = await group.StartServerAsync(async (_, writer) => detached.SetResult(await writer.DetachAsync()), "127.0.0.1", 0);
        using var source = new CancellationTokenSource();
        var serving = group.RunAsync(group.Loops[0], server.Parts[0].ServeForeverAsync, source.Token);
        using var client = Connect(server.EndPoints[0]);
        var connection = await detached.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving);

        var served = group.RunAsync(
            group.Loops[0], async () => (await (await Asyncio.AttachAsync(connection)).Reader.ReadAsync()).Length, CancellationToken.None);

        Assert.Equal(0, client.Receive(new byte[1]));
        Assert.Equal(0, await served.WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_connection_that_moves_when_its_server_is_closed_still_belongs_to_it()
    {
        await using var group = Start();
        var detached = new TaskCompletionSource<DetachedConnection>();
        await using var server = await group.StartServerAsync(async (_, writer) => detached.SetResult(await writer.DetachAsync()), "127.0.0.1", 0);
        using var client = Connect(server.EndPoints[0]);
        var connection = await detached.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        await server.CloseAsync();

        var served = group.RunAsync(group.Loops[1], async () =>
        {
            var (reader, writer) = await Asyncio.AttachAsync(connection);
            writer.Write("x"u8);
            return (await reader.ReadAsync()).Length;
        }, CancellationToken.None);
        Receive(client, 1);

        int[] counts = await server.CountClientsAsync();
        Assert.Equal([0, 1], counts);
        Assert.Equal(1, await server.ShutdownAsync(TimeSpan.Zero, TestContext.Current.CancellationToken));
        Assert.Equal(0, client.Receive(new byte[1]));
        await served.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    private sealed class Told(Action<Transport, byte>? received, Action? lost) : Protocol
    {
        private Transport? _transport;

        public override void ConnectionMade(Transport transport) => _transport = transport;

        public override void DataReceived(ReadOnlySpan<byte> data) => received?.Invoke(_transport!, data[0]);

        public override void ConnectionLost(Exception? exception) => lost?.Invoke();
    }
}
