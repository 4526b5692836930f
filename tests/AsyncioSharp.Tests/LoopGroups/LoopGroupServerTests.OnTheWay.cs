using System.Net.Sockets;
using System.Text;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

// How a server ends while a connection is between two loops, where neither has it.
public abstract partial class LoopGroupServerTests
{
    public enum Mishap
    {
        Disposed,
        NoProtocol,
        ProtocolFails,
        Forgotten,
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_on_its_way_has_its_grace_too(bool stopsGroup)
    {
        await using var group = Start();
        var (server, client, connection, _) = await SendOnItsWayAsync(group);

        var ending = stopsGroup ? group.StopAsync(Patience) : (Task)server.ShutdownAsync(Patience, TestContext.Current.CancellationToken);
        await MightHaveEndedAsync(server);
        await AssertServedOnAsync(group.Loops[1], connection, client, ending);

        await ending.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(0, ending is Task<LoopGroupEnd> end ? (await end).AbortedConnections : await (Task<int>)ending);
        client.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_on_its_way_has_its_grace_also_when_the_loop_has_ended_that_it_has_left(bool beforeTheServer)
    {
        await using var group = Start();
        var (server, client, connection, place) = await SendOnItsWayAsync(group);
        if (beforeTheServer)
            await EndAsync(group.Loops[place]);

        var ending = server.ShutdownAsync(Patience, TestContext.Current.CancellationToken);
        await MightHaveEndedAsync(server);
        if (!beforeTheServer)
            await EndAsync(group.Loops[place]);
        await AssertServedOnAsync(group.Loops[1 - place], connection, client, ending);

        Assert.Equal(0, await ending.WaitAsync(Patience, TestContext.Current.CancellationToken));
        client.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_does_not_arrive_in_time_holds_nothing_up_and_is_counted(bool stopsGroup)
    {
        await using var group = Start();
        var (server, client, connection, _) = await SendOnItsWayAsync(group);

        var grace = TimeSpan.FromSeconds(0.05); // of real time, as it is not on a loop that this is waited for
        var ended = stopsGroup
            ? (await group.StopAsync(grace).WaitAsync(Patience, TestContext.Current.CancellationToken)).AbortedConnections
            : await server.ShutdownAsync(grace, TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.Equal(1, ended);
        connection.Dispose();
        Assert.Equal(0, client.Receive(new byte[1]));
        client.Dispose();
    }

    [Theory]
    [InlineData(Mishap.Disposed)]
    [InlineData(Mishap.NoProtocol)]
    [InlineData(Mishap.ProtocolFails)]
    [InlineData(Mishap.Forgotten)]
    public async Task A_connection_that_is_lost_on_its_way_is_not_waited_for(Mishap mishap)
    {
        await using var group = Start();
        var (server, client, connection, _) = await SendOnItsWayAsync(group);
        var ending = server.ShutdownAsync(null, TestContext.Current.CancellationToken);
        await MightHaveEndedAsync(server);
        Assert.False(ending.IsCompleted);

        switch (mishap)
        {
            case Mishap.Disposed:
                connection.Dispose();
                break;
            case Mishap.NoProtocol:
                await Assert.ThrowsAsync<NotImplementedException>(() => AttachAsync(static () => throw new NotImplementedException()));
                break;
            case Mishap.ProtocolFails:
                await Assert.ThrowsAsync<NotImplementedException>(() => AttachAsync(static () => new Failing()));
                break;
            case Mishap.Forgotten:
                connection = null!;
                await Until(() =>
                {
                    GC.Collect();
                    return ending.IsCompleted;
                });
                break;
        }

        Assert.Equal(0, await ending.WaitAsync(Patience, TestContext.Current.CancellationToken));
        client.Dispose();

        Task AttachAsync(Func<Protocol> factory) =>
            group.RunAsync(group.Loops[1], async () => { await EventLoop.Running.AttachAsync(factory, connection); });
    }

    [Fact]
    public async Task A_shutdown_that_waits_for_a_connection_on_its_way_can_be_cancelled()
    {
        await using var group = Start();
        var (server, client, connection, _) = await SendOnItsWayAsync(group);
        using var source = new CancellationTokenSource();
        var ending = server.ShutdownAsync(null, source.Token);
        await MightHaveEndedAsync(server);

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ending.WaitAsync(Patience));
        await AssertServedOnAsync(group.Loops[1], connection, client, null); // it goes on, like the others
        client.Dispose();
    }

    // A server whose connection no loop has any more, and on which one it was.
    private static async Task<(LoopGroupServer Server, Socket Client, DetachedConnection Connection, int Place)> SendOnItsWayAsync(LoopGroup group)
    {
        TaskCompletionSource<(DetachedConnection, int)>? detached = new();
        var server = await group.StartServerAsync(ServeAsync, "127.0.0.1", 0);
        var client = Connect(server.EndPoints[0]);
        client.Send("m"u8);
        var (connection, place) = await detached.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        detached = null; // so that nobody has it but who called
        return (server, client, connection, place);

        async Coroutine ServeAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
        {
            if ((await reader.ReadAsync(1)).Length == 0)
                writer.Close(); // it was only tried whether somebody listens
            else
                detached!.SetResult((await writer.DetachAsync(), LoopGroup.CurrentIndex));
        }
    }

    // The server accepts no more, and has had the time in which it would come to its end, if it waited for nothing.
    private static async Task MightHaveEndedAsync(LoopGroupServer server)
    {
        await Refused(server.EndPoints[0]);
        await Task.Delay(50, TestContext.Current.CancellationToken);
    }

    private static async Task AssertServedOnAsync(EventLoop loop, DetachedConnection connection, Socket client, Task? ending)
    {
        loop.CallSoonThreadsafe(() => loop.CreateTask(GoOnAsync(connection)));
        client.Send("still served"u8);
        Assert.Equal("still served", Encoding.ASCII.GetString(Receive(client, 12)));
        Assert.NotEqual(true, ending?.IsCompleted);
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, client.Receive(new byte[1]));
    }

    private static async Coroutine GoOnAsync(DetachedConnection connection)
    {
        var (reader, writer) = await Asyncio.AttachAsync(connection);
        await EchoAsync(reader, writer);
    }

    private sealed class Failing : Protocol
    {
        public override void ConnectionMade(Transport transport) => throw new NotImplementedException();
    }
}
