using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

/// <summary>Loops near their processors, and connections near their loops.</summary>
public abstract class LoopPlacementTests : OnLoopGroup
{
    private static readonly int[] s_processors = OperatingSystem.IsLinux() ? ProcessorOfThread.Allowed : [];

    private LoopGroup StartPlaced(int? count = null)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "it is Linux that tells the processors");
        Assert.SkipUnless(s_processors.Length is > 1 and <= 16, "there have to be several processors, and not very many");
        return LoopGroup.Start(Options(count ?? s_processors.Length) with { Placement = LoopPlacement.OwnProcessor });
    }

    [Fact]
    public async Task A_loop_goes_back_to_its_processor_and_is_not_bound_to_it()
    {
        await using var group = StartPlaced();
        var home = s_processors[1];

        for (var i = 0; i < 5; i++)
        {
            await group.RunAsync(group.Loops[1], async () =>
            {
                ProcessorOfThread.Bind(s_processors[0]);
                Assert.Equal(s_processors[0], ProcessorOfThread.Current);
                ProcessorOfThread.Bind(s_processors);
                for (var start = DateTime.UtcNow; ProcessorOfThread.Current != home; Assert.True(DateTime.UtcNow - start < Patience, "it stays away"))
                    await Asyncio.Sleep(TimeSpan.FromMilliseconds(1));
                Assert.Equal(s_processors, ProcessorOfThread.Allowed);
            });
        }
    }

    [Fact]
    public async Task A_connection_is_served_where_the_system_has_received_it()
    {
        await using var group = StartPlaced();
        await using var server = await group.StartServerAsync(TellPlaceAsync, "127.0.0.1", 0, balancing: ConnectionBalancing.Nearest);

        for (var place = 0; place < s_processors.Length; place++)
            Assert.Equal([place, place, place], PlacesOf(server, 3, s_processors[place]));
    }

    [Fact]
    public async Task Where_all_clients_are_near_one_loop_the_others_serve_some_too()
    {
        await using var group = StartPlaced();
        await using var server = await group.StartServerAsync(TellPlaceAsync, "127.0.0.1", 0, balancing: ConnectionBalancing.Nearest);

        var places = PlacesOf(server, 120 * s_processors.Length, s_processors[0]);

        Assert.All(Enumerable.Range(1, s_processors.Length - 1), place => Assert.InRange(places.Count(other => other == place), 40, 150));
    }

    [Fact]
    public async Task With_more_loops_than_processors_none_has_one_of_its_own()
    {
        await using var group = StartPlaced(s_processors.Length + 1);
        await using var server = await group.StartServerAsync(TellPlaceAsync, "127.0.0.1", 0, balancing: ConnectionBalancing.Nearest);

        var counts = PlacesOf(server, 10 * group.Loops.Count, s_processors[0]).CountBy(place => place).ToArray();

        Assert.Equal(group.Loops.Count, counts.Length);
        Assert.All(counts, count => Assert.InRange(count.Value, 8, 12));
    }

    [Fact]
    public async Task On_a_unix_socket_each_loop_gets_as_many()
    {
        Assert.SkipUnless(Socket.OSSupportsUnixDomainSockets, "there are no Unix sockets");
        await using var group = StartPlaced();
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var server = await group.StartUnixServerAsync(TellPlaceAsync, path, balancing: ConnectionBalancing.Nearest);

        var places = PlacesOf(server, 4 * s_processors.Length, s_processors[0], new UnixDomainSocketEndPoint(path));

        Assert.All(places.CountBy(place => place), count => Assert.Equal(4, count.Value));
    }

    [Theory]
    [InlineData(ConnectionBalancing.Nearest, true)]
    [InlineData(ConnectionBalancing.LeastConnections, false)]
    public async Task A_connection_whose_client_has_gone_to_another_processor_would_be_served_better_there(ConnectionBalancing balancing, bool moves)
    {
        await using var group = StartPlaced();
        await using var server = await group.StartServerAsync(SuggestAsync, "127.0.0.1", 0, balancing: balancing);
        var suggested = new List<int>();

        OnThreadOfItsOwn(() =>
        {
            using var client = Connect(server.EndPoints[0]);
            foreach (var near in (int[])[0, 1, 0, 1])
            {
                ProcessorOfThread.Bind(s_processors[near]);
                var place = -1;
                for (var start = DateTime.UtcNow; place != near && DateTime.UtcNow - start < (moves ? Patience : TimeSpan.FromMilliseconds(50));)
                {
                    client.Send("?"u8); // a loop that has just heard from other threads may not stay at its processor
                    place = Receive(client, 1)[0];
                }
                suggested.Add(place);
            }
        });

        Assert.Equal(moves ? [0, 1, 0, 1] : Enumerable.Repeat(suggested[0], 4), suggested);

        // The place where it is, or would be served better.
        async Coroutine SuggestAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
        {
            await using (writer)
            {
                while (await reader.ReadAsync(1) is { Length: > 0 })
                {
                    var suggested = LoopGroup.SuggestLoop(writer.Transport);
                    writer.Write([(byte)(suggested is null ? LoopGroup.CurrentIndex : group.Loops.ToList().IndexOf(suggested))]);
                }
            }
        }
    }

    // Many that are told the same would go there together, and back together.
    [Fact]
    public async Task Connections_that_are_on_their_way_count_where_others_would_be_served_better()
    {
        const int Count = 12;
        await using var group = StartPlaced();
        List<AsyncStreamWriter> writers = [];
        List<DetachedConnection> moving = [];
        await using var server = await group.StartServerAsync(MoveAsync, "127.0.0.1", 0, balancing: ConnectionBalancing.Nearest);

        var places = PlacesOf(server, Count, s_processors[0]);

        Assert.Single(places.Distinct());
        Assert.Equal(5, moving.Count); // seven stay, which is not too many beside five
        moving.ForEach(static connection => connection.Dispose());
        await group.RunAsync(group.Loops[places[0]], () =>
        {
            writers.ForEach(static writer => writer.Transport.Abort());
            return Coroutine.Completed;
        });

        // All are on one loop: those that would be served better by one that has none yet leave it.
        async Coroutine MoveAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
        {
            writers.Add(writer);
            foreach (var other in writers.Count < Count ? [] : writers.ToArray())
            {
                if (LoopGroup.SuggestLoop(other.Transport) is null)
                    break;
                moving.Add(await other.DetachAsync());
                writers.Remove(other);
            }
            writer.Write([(byte)LoopGroup.CurrentIndex]);
        }
    }

    // On a thread that runs on one processor, so that the system receives there what it sends.
    private static int[] PlacesOf(LoopGroupServer server, int count, int processor, EndPoint? endPoint = null)
    {
        var places = new int[count];
        OnThreadOfItsOwn(() =>
        {
            List<Socket> clients = [];
            try
            {
                ProcessorOfThread.Bind(processor);
                for (var i = 0; i < count; i++)
                {
                    clients.Add(Connect(endPoint ?? server.EndPoints[0]));
                    places[i] = Receive(clients[^1], 1)[0];
                }
            }
            finally
            {
                clients.ForEach(static client => client.Dispose());
            }
        });
        return places;
    }
}

public sealed class LoopPlacementTestsOnEpoll : LoopPlacementTests
{
    public LoopPlacementTestsOnEpoll() => Assert.SkipUnless(OperatingSystem.IsLinux(), "epoll is Linux's");

    protected override EventLoop NewLoop() => new EpollEventLoop();
}

public sealed class LoopPlacementTestsOnIoUring : LoopPlacementTests
{
    public LoopPlacementTestsOnIoUring() => Assert.SkipUnless(IoUringEventLoop.IsSupported, "io_uring is not to be had");

    protected override EventLoop NewLoop() => new IoUringEventLoop();
}
