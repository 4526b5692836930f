using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Transports;

/// <summary>Many connections, and that none of them leaves anything behind. Alone, as they count what the process holds
/// open.</summary>
public abstract class ManyConnectionsTests(EventLoop loop) : OnNetwork(loop)
{
    [Fact]
    public void A_thousand_connections_at_once_are_served_and_leave_nothing_open() => Run(async () =>
    {
        const int Count = 1000;
        var before = await CountDescriptorsAsync();
        await using (var server = await ServeAsync(EchoLineAsync, new ServerOptions { Backlog = Count }))
        {
            await TaskGroup.RunAsync(group =>
            {
                for (var i = 0; i < Count; i++)
                    group.StartSoon(AskAsync(server, i));
                return Coroutine.Completed;
            });
            await Until(() => server.ClientCount == 0);
        }
        Assert.InRange(Descriptors.Count(), 0, before);

        static async Coroutine AskAsync(Server server, int number)
        {
            var (reader, writer) = await ConnectAsync(server);
            await using (writer)
            {
                writer.Write(System.Text.Encoding.ASCII.GetBytes($"number {number}\n"));
                Assert.Equal($"number {number}\n", System.Text.Encoding.ASCII.GetString(await reader.ReadLineAsync()));
            }
        }
    });

    [Fact]
    public void Connections_one_after_another_leave_nothing_open_however_they_end() => Run(async () =>
    {
        var before = await CountDescriptorsAsync();
        await using (var server = await ServeAsync(EchoLineAsync))
        {
            for (var i = 0; i < 300; i++)
            {
                switch (i % 5)
                {
                    case 0:
                        var (reader, writer) = await ConnectAsync(server);
                        writer.Write("x\n"u8);
                        await reader.ReadLineAsync();
                        await writer.DisposeAsync();
                        break;
                    case 1:
                        (_, writer) = await ConnectAsync(server);
                        writer.Transport.Abort();
                        break;
                    case 2:
                        Reset(ConnectSocket(server));
                        break;
                    case 3:
                        ConnectSocket(server).Dispose();
                        break;
                    default:
                        using (var socket = ConnectSocket(server))
                        {
                            var (_, taken) = await Asyncio.OpenConnectionAsync(new ConnectionOptions { Socket = socket });
                            taken.Close();
                        }
                        break;
                }
            }
            await Until(() => server.ClientCount == 0);
        }
        await Until(() => Descriptors.Count() <= before);
    });

    [Fact]
    public void A_connection_attempt_can_be_cancelled_at_any_moment() => Run(async () =>
    {
        // A full queue lets further attempts hang.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        using var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        first.Connect(IPAddress.Loopback, port);
        var before = await CountDescriptorsAsync();

        for (var turns = 0; turns < 10; turns++)
        {
            var attempt = Asyncio.CreateTask(Asyncio.OpenConnectionAsync("127.0.0.1", port));
            await Expect.Turns(turns);
            Assert.False(attempt.IsCompleted);
            attempt.Cancel();
            await Expect.ThrowsAsync<CanceledException>(attempt);
        }

        Assert.InRange(Descriptors.Count(), 0, before);
    });

    [Fact]
    public void A_thousand_that_come_and_go_at_once_do_not_hold_up_others() => Run(async () =>
    {
        const int Count = 1000;
        await CountDescriptorsAsync();
        var before = Descriptors.Count();
        await using (var server = await ServeAsync(EchoLineAsync))
        {
            var storm = Loop.CreateTask(Asyncio.ToThread(() =>
            {
                for (var i = 0; i < Count; i++)
                    Reset(ConnectSocket(server));
            }));
            var answers = 0;
            while (!storm.IsCompleted)
            {
                var (reader, writer) = await ConnectAsync(server);
                await using (writer)
                {
                    writer.Write("hello\n"u8);
                    Assert.Equal("hello\n"u8.ToArray(), await reader.ReadLineAsync());
                    answers++;
                }
            }
            await storm;
            Assert.True(answers > 0);
            await Until(() => server.ClientCount == 0);
        }
        await Until(() => Descriptors.Count() <= before);
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "BaseSelectorEventLoopTests", "test_close")]
    public void A_closed_loop_leaves_nothing_open()
    {
        var before = Descriptors.Count();
        var loop = NewLoop();
        loop.RunUntilComplete(LeaveOpenAsync());
        for (var i = 0; i < 3; i++)
            loop.Close();
        Assert.InRange(Descriptors.Count(), 0, before);
        Assert.True(loop.IsClosed);
        Assert.Throws<ObjectDisposedException>(loop.RunForever);
        Assert.Throws<ObjectDisposedException>(() => loop.CreateConnectionAsync(() => new Recorder(), "127.0.0.1", 1));
        Assert.Throws<ObjectDisposedException>(() => loop.CreateServerAsync(() => new Recorder(), "127.0.0.1", 1));
        Assert.Throws<ObjectDisposedException>(() => loop.CreateUnixServerAsync(() => new Recorder(), "/nowhere"));

        static async Coroutine LeaveOpenAsync()
        {
            var server = await ServeAsync(() => new Recorder());
            var (transport, _) = await ConnectAsync(server, () => new Recorder());
            await Until(() => server.ClientCount == 1);
            transport.PauseReading();
        }
    }

    [Fact]
    public void A_loop_closed_while_it_connects_leaves_nothing_open() => Run(async () =>
    {
        using var silent = Silent.On(IPAddress.Parse("127.0.0.2"), 50_907);
        await CountDescriptorsAsync();
        var before = Descriptors.Count();
        await Asyncio.ToThread(() =>
        {
            using var loop = NewLoop();
            loop.CreateTask(Asyncio.WaitFor(loop.CreateConnectionAsync(() => new Recorder(), "127.0.0.2", 50_907), null));
            loop.RunUntilComplete(Expect.Turns(5));
        });
        Assert.InRange(Descriptors.Count(), 0, before);
    });

    [Fact]
    public void What_was_left_open_can_be_closed_after_the_loop() => Run(async () =>
    {
        var (server, transport) = await Asyncio.ToThread(() =>
        {
            using var loop = NewLoop();
            return loop.RunUntilComplete(LeaveOpenAsync());
        });

        transport.Write("dropped"u8);
        transport.Close();
        transport.Abort();
        server.Close();

        static async Coroutine<(Server, Transport)> LeaveOpenAsync()
        {
            var server = await ServeAsync(() => new Recorder());
            var (transport, _) = await ConnectAsync(server, () => new Recorder());
            return (server, transport);
        }
    });

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_accept_connection_exception")]
    public void Without_descriptors_a_server_stops_accepting_for_a_second_and_says_so_once() => Run(async () =>
    {
        const int Room = 20;
        await using var server = await ServeAsync(() => new Recorder());
        var peers = new Stack<Socket>(Enumerable.Range(0, 30).Select(_ => NewSocket()));
        List<Socket> connected = [];
        using (new DescriptorLimit(Room))
        {
            // Connecting takes no descriptor; accepting does.
            while (peers.TryPop(out var peer))
            {
                peer.Connect(IPAddress.Loopback, Port(server));
                connected.Add(peer);
            }
            var reports = Array.Empty<ExceptionContext>();
            await Until(() => (reports = Reports()).Length > 0);
            Assert.StartsWith("The system has no resources left to accept connections", Assert.Single(reports).Message);
            Assert.Equal(SocketError.TooManyOpenSockets, Assert.IsType<SocketException>(reports[0].Exception).SocketErrorCode);
            Assert.InRange(server.ClientCount, 1, Room);
        }
        await Until(() => server.ClientCount == connected.Count);
        connected.ForEach(static peer => peer.Dispose());

        static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    });

    [Fact]
    public void Without_descriptors_nobody_can_be_connected_to_which_is_told() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoLineAsync);
        var (_, first) = await ConnectAsync(server);
        await first.DisposeAsync();
        await Until(() => server.ClientCount == 0);
        using (new DescriptorLimit(0))
        {
            var failure = await Expect.ThrowsAsync<SocketException>(ConnectAsync(server));
            Assert.Equal(SocketError.TooManyOpenSockets, failure.SocketErrorCode);
        }
        var (_, second) = await ConnectAsync(server);
        await second.DisposeAsync();
    });

    private EventLoop NewLoop() => (EventLoop)Activator.CreateInstance(Loop.GetType())!;

    // Counted after a first server, with which the loop itself opens something.
    private static async Coroutine<int> CountDescriptorsAsync()
    {
        await using (var server = await ServeAsync(EchoLineAsync)) // what a loop makes with the first is made
        {
            var (_, writer) = await ConnectAsync(server);
            await writer.DisposeAsync();
            await Until(() => server.ClientCount == 0);
        }
        return Descriptors.Count();
    }

    private static async Coroutine EchoLineAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        await using (writer)
        {
            try
            {
                writer.Write(await reader.ReadLineAsync());
                await writer.DrainAsync();
            }
            catch (IOException)
            {
                // some of the peers reset
            }
        }
    }
}

[Collection(nameof(Alone))]
public sealed class EpollManyConnectionsTests() : ManyConnectionsTests(new EpollEventLoop());

[Collection(nameof(Alone))]
public sealed class IoUringManyConnectionsTests() : ManyConnectionsTests(IoUring.NewLoop());

[Collection(nameof(Alone))]
public sealed class PortableManyConnectionsTests() : ManyConnectionsTests(new PortableEventLoop());
