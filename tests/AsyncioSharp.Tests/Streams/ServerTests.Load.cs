using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Streams;

// Limits, and the orderly end.
public abstract partial class ServerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void It_has_as_many_connections_as_it_may_and_the_next_wait(int limit) => Run(async () =>
    {
        var (now, most) = (0, 0);
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            most = Math.Max(most, ++now);
            await using (writer)
            {
                writer.Write(await reader.ReadLineAsync());
                await writer.DrainAsync();
                await Expect.Turns(3);
                now--;
            }
        }, new ServerOptions { MaxConnections = limit });

        var answers = await Asyncio.Gather(Enumerable.Range(0, 20).Select(i => AskAsync(server, $"{i}\n")));

        Assert.Equal(Enumerable.Range(0, 20).Select(static i => $"{i}\n"), answers);
        Assert.Equal(limit, most);
        await Until(() => server.ClientCount == 0);
        Assert.True(server.IsServing);
    });

    [Fact]
    public void A_full_server_on_two_addresses_keeps_to_its_limit_on_both() => Run(async () =>
    {
        var (now, most) = (0, 0);
        await using var server = await Asyncio.StartServerAsync(async (reader, writer) =>
        {
            most = Math.Max(most, ++now);
            await using (writer)
                await reader.ReadAsync();
            now--;
        }, ["127.0.0.1", "127.0.0.2"], 0, new ServerOptions { MaxConnections = 2 });
        var addresses = server.Sockets.Select(static socket => (System.Net.IPEndPoint)socket.LocalEndPoint!).ToArray();

        await TaskGroup.RunAsync(group =>
        {
            for (var i = 0; i < 20; i++)
                group.StartSoon(VisitAsync(addresses[i % 2]));
            return Coroutine.Completed;
        });
        await Until(() => server.ClientCount == 0);

        Assert.Equal(2, most);

        static async Coroutine VisitAsync(System.Net.IPEndPoint address)
        {
            var (reader, writer) = await Asyncio.OpenConnectionAsync(address.Address.ToString(), address.Port);
            await using (writer)
            {
                writer.WriteEof();
                await reader.ReadAsync();
            }
        }
    });

    [Fact]
    public void A_full_server_can_be_closed() => Run(async () =>
    {
        var server = await ServeAsync(StayAsync, new ServerOptions { MaxConnections = 1 });
        using var first = ConnectSocket(server);
        using var second = ConnectSocket(server);
        await Until(() => server.ClientCount == 1);
        await Expect.Turns(5);
        Assert.Equal(1, server.ClientCount);

        await server.DisposeAsync();

        Assert.Equal(0, server.ClientCount);
        Assert.Equal(0, first.Receive(new byte[1]));
    });

    [Fact]
    public void Shut_down_it_lets_its_connections_finish() => Run(async () =>
    {
        var server = await ServeAsync(StayAsync);
        var (reader, writer) = await ConnectAsync(server);
        await Until(() => server.ClientCount == 1);

        var shutdown = Loop.CreateTask(server.ShutdownAsync(TimeSpan.FromDays(1)));
        await Until(() => !server.IsServing);
        Assert.Empty(server.Sockets);
        await Expect.Turns(5);
        Assert.False(shutdown.IsCompleted);
        writer.WriteEof();
        Assert.Empty(await reader.ReadAsync());

        Assert.Equal(0, await shutdown);
        await writer.DisposeAsync();
        Assert.Equal(0, await server.ShutdownAsync(TimeSpan.Zero)); // there is nobody left
    });

    // It waits for a real fiftieth of a second, as a network has no virtual time.
    [Fact]
    public void Connections_that_do_not_finish_in_time_are_aborted() => Run(async () =>
    {
        var server = await ServeAsync(StayAsync);
        using var stays = ConnectSocket(server);
        using var stays2 = ConnectSocket(server);
        using var leaves = ConnectSocket(server);
        await Until(() => server.ClientCount == 3);

        // Long enough for the one that leaves to be noticed on a busy machine.
        var shutdown = Loop.CreateTask(server.ShutdownAsync(TimeSpan.FromMilliseconds(500)));
        leaves.Dispose();

        Assert.Equal(2, await shutdown);
        Assert.Equal(0, server.ClientCount);
        Assert.Equal(0, stays.Receive(new byte[1]));
    });

    [Fact]
    public void A_shutdown_that_is_cancelled_leaves_the_connections_alone() => Run(async () =>
    {
        var server = await ServeAsync(StayAsync);
        using var peer = ConnectSocket(server);
        await Until(() => server.ClientCount == 1);
        var shutdown = Loop.CreateTask(server.ShutdownAsync(null));
        await Expect.Turns(3);

        shutdown.Cancel();

        await Expect.ThrowsAsync<CanceledException>(shutdown);
        Assert.Equal(1, server.ClientCount);
        Assert.False(server.IsServing);
        server.AbortClients();
        await server.WaitClosedAsync();
    });

    private protected static async Coroutine<string> AskAsync(Server server, string question)
    {
        var (reader, writer) = await ConnectAsync(server);
        await using (writer)
        {
            writer.Write(System.Text.Encoding.ASCII.GetBytes(question));
            return System.Text.Encoding.ASCII.GetString(await reader.ReadAsync());
        }
    }
}
