using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

public abstract partial class LoopGroupServerTests : OnLoopGroup
{
    [Theory]
    [InlineData(ConnectionBalancing.LeastConnections)]
    [InlineData(ConnectionBalancing.RoundRobin)]
    public async Task Connections_are_spread_over_the_loops(ConnectionBalancing balancing)
    {
        await using var group = Start();
        await using var server = await group.StartServerAsync(TellPlaceAsync, "127.0.0.1", 0, balancing: balancing);

        var counts = await PlacesOfAsync(server, 20);

        Assert.Equal(2, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 8, 12));
    }

    [Fact]
    public async Task The_system_may_choose()
    {
        await using var group = Start();
        await using var server = await group.StartServerAsync(TellPlaceAsync, "127.0.0.1", 0, balancing: ConnectionBalancing.System);

        Assert.Equal(20, (await PlacesOfAsync(server, 20)).Values.Sum());
    }

    [Fact]
    public async Task One_loop_accepts_for_all_on_a_unix_socket()
    {
        Assert.SkipUnless(Socket.OSSupportsUnixDomainSockets, "there are no Unix sockets");
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var group = Start(3);
        await using var server = await group.StartUnixServerAsync(TellPlaceAsync, path);

        var counts = await PlacesOfAsync(server, 9, new UnixDomainSocketEndPoint(path));

        Assert.Equal([3, 3, 3], counts.Values);
    }

    [Fact]
    public async Task One_loop_accepts_for_all_on_a_socket_that_is_given()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var group = Start();
        await using var server = await group.StartServerAsync(TellPlaceAsync, null, 0, new ServerOptions { Socket = socket });

        var counts = await PlacesOfAsync(server, 10);

        Assert.Equal([5, 5], counts.Values);
    }

    [Fact]
    public async Task A_port_that_is_in_use_is_an_error_also_if_it_is_shared_by_a_group()
    {
        await using var group = Start();
        await using var server = await group.StartServerAsync(TellPlaceAsync, "127.0.0.1", 0);
        var port = ((IPEndPoint)server.EndPoints[0]).Port;

        var failure = await Assert.ThrowsAsync<SocketException>(() => group.StartServerAsync(TellPlaceAsync, "127.0.0.1", port));

        Assert.Equal(SocketError.AddressAlreadyInUse, failure.SocketErrorCode);
    }

    [Fact]
    public async Task What_a_server_cannot_be_asked_for_is_refused_at_the_call()
    {
        await using var group = Start();
        using var datagrams = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

        Refuses<ArgumentOutOfRangeException>("port", port: 65536);
        Refuses<ArgumentOutOfRangeException>("balancing", balancing: (ConnectionBalancing)4);
        Refuses<ArgumentOutOfRangeException>("options", new ServerOptions { Backlog = -1 });
        Refuses<ArgumentOutOfRangeException>("options", new ServerOptions { MaxConnections = 0 });
        Refuses<ArgumentException>("options", new ServerOptions { TlsHandshakeTimeout = Patience });
        Refuses<ArgumentException>("options", new ServerOptions { Tls = new SslServerAuthenticationOptions() });
        Refuses<ArgumentException>("options", new ServerOptions { Socket = datagrams });
        Refuses<ArgumentException>("options", new ServerOptions { Socket = datagrams }, host: null);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => { _ = group.StartServerAsync(TellPlaceAsync, "127.0.0.1", 0, new ServerOptions { Limit = 0 }); });
        Assert.SkipUnless(Socket.OSSupportsUnixDomainSockets, "there are no Unix sockets");
        Assert.Throws<ArgumentException>(() => { _ = group.StartUnixServerAsync(TellPlaceAsync, ""); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = group.StartUnixServerAsync(TellPlaceAsync, new string('x', 200)); });
        Assert.Throws<ArgumentException>(
            () => { _ = group.CreateUnixServerAsync(() => new Paused(), null, new ServerOptions { Tls = new SslServerAuthenticationOptions() }); });

        void Refuses<T>(
            string parameter,
            ServerOptions? options = null,
            string? host = "127.0.0.1",
            int port = 0,
            ConnectionBalancing balancing = ConnectionBalancing.Nearest)
            where T : ArgumentException
        {
            var streams = Assert.Throws<T>(() => { _ = group.StartServerAsync(TellPlaceAsync, host, port, options, balancing); });
            Assert.Equal(parameter, streams.ParamName);
            var protocols = Assert.Throws<T>(() => { _ = group.CreateServerAsync(() => new Paused(), host, port, options, balancing); });
            Assert.Equal(parameter, protocols.ParamName);
        }
    }

    [Fact]
    public async Task A_connection_moves_to_another_loop_and_no_byte_is_lost()
    {
        await using var group = Start();
        var threads = new List<int>();
        await using var server = await group.StartServerAsync(FirstAsync, "127.0.0.1", 0);
        using var client = Connect(server.EndPoints[0]);
        var data = new byte[300_000];
        Random.Shared.NextBytes(data);

        client.Send("line one\nrest that was received, "u8);
        client.Send(data.AsSpan(0, 1000));
        var sending = Task.Run(() => client.Send(data.AsSpan(1000)));

        Assert.Equal("line one\nmoved\n", Encoding.ASCII.GetString(Receive(client, 15)));
        Assert.Equal("rest that was received, ", Encoding.ASCII.GetString(Receive(client, 24)));
        Assert.Equal(data, Receive(client, data.Length));
        await sending;
        var counts = await server.CountClientsAsync();
        Assert.Equal(1, counts.Sum());
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, client.Receive(new byte[1]));
        Assert.Equal(2, threads.Distinct().Count());

        async Coroutine FirstAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
        {
            await using (writer)
            {
                threads.Add(Environment.CurrentManagedThreadId);
                writer.Write(await reader.ReadLineAsync());
                var other = group.Loops[1 - LoopGroup.CurrentIndex];
                await group.MoveAsync(writer, other, SecondAsync);
                await Expect.ThrowsAsync<InvalidOperationException>(async () => await reader.ReadAsync(1));
            }
        }

        async Coroutine SecondAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
        {
            threads.Add(Environment.CurrentManagedThreadId);
            writer.Write("moved\n"u8);
            await EchoAsync(reader, writer);
        }
    }

    [Fact]
    public async Task A_connection_moves_back_and_forth_while_its_peer_writes()
    {
        const int Moves = 50;
        await using var group = Start();
        await using var server = await group.StartServerAsync((reader, writer) => HopAsync(reader, writer, Moves), "127.0.0.1", 0);
        using var client = Connect(server.EndPoints[0]);
        var data = new byte[400_000];
        Random.Shared.NextBytes(data);

        var sending = Task.Run(() => client.Send(data));
        var received = Receive(client, data.Length);
        await sending;

        Assert.Equal(data, received);

        async Coroutine HopAsync(AsyncStreamReader reader, AsyncStreamWriter writer, int left)
        {
            await using (writer)
            {
                if (left == 0)
                {
                    await EchoAsync(reader, writer);
                    return;
                }
                writer.Write(await reader.ReadExactlyAsync(1000));
                await group.MoveAsync(writer, group.Loops[1 - LoopGroup.CurrentIndex], (reader, writer) => HopAsync(reader, writer, left - 1));
            }
        }
    }

    [Fact]
    public async Task Moving_that_is_cancelled_while_the_peer_does_not_read_leaves_the_connection_where_it_is()
    {
        await using var group = Start();
        var done = new TaskCompletionSource();
        await using var server = await group.StartServerAsync(ServeAsync, "127.0.0.1", 0);
        using var client = Connect(server.EndPoints[0]);
        await done.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        client.Send("more"u8);

        Receive(client, 10_000_000);

        Assert.Equal("more", Encoding.ASCII.GetString(Receive(client, 4)));

        async Coroutine ServeAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
        {
            writer.Write(new byte[10_000_000]);
            await Expect.ThrowsAsync<TimeoutException>(async () => await Asyncio.Timeout(0.02, async _ => await writer.DetachAsync()));
            done.SetResult();
            await EchoAsync(reader, writer);
        }
    }

    [Fact]
    public async Task A_detached_connection_that_is_not_attached_is_closed()
    {
        await using var group = Start();
        await using var server = await group.StartServerAsync(async (_, writer) => (await writer.DetachAsync()).Dispose(), "127.0.0.1", 0);
        using var client = Connect(server.EndPoints[0]);

        Assert.Equal(0, client.Receive(new byte[1]));
        await Until(async () => (await server.CountClientsAsync()).Sum() == 0);
    }

    [Fact]
    public async Task Protocols_that_pause_get_what_was_detached_with_them_when_they_resume()
    {
        await using var group = Start();
        var protocols = new List<Paused>();
        await using var server = await group.StartServerAsync(ServeAsync, "127.0.0.1", 0);
        using var client = Connect(server.EndPoints[0]);
        client.Send("first"u8);

        await Until(async () => protocols.Count == 1 && protocols[0].Text == "first");
        client.Send(" second"u8);
        await Until(async () => protocols[0].Text == "first second");

        async Coroutine ServeAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
        {
            await reader.WaitForDataAsync();
            await Asyncio.Sleep(0.01);
            var connection = await writer.DetachAsync();
            await EventLoop.Running.AttachAsync(() =>
            {
                var protocol = new Paused();
                protocols.Add(protocol);
                return protocol;
            }, connection);
            await Expect.ThrowsAsync<InvalidOperationException>(async () => await EventLoop.Running.AttachAsync(() => new Paused(), connection));
        }
    }

    // Whoever sends a file pauses reading, and resumes it afterwards if it was not paused before: resumed, but not begun yet, it was not.
    [Fact]
    public async Task A_file_that_is_sent_as_soon_as_a_moved_connection_is_resumed_does_not_leave_it_paused()
    {
        var path = Path.GetTempFileName();
        await using var group = Start();
        var received = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await group.StartServerAsync(ServeAsync, "127.0.0.1", 0);
        using var client = Connect(server.EndPoints[0]);

        client.Send("first"u8);

        Assert.Equal("first", await received.Task.WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.Equal("file", Encoding.ASCII.GetString(Receive(client, 4)));

        async Coroutine ServeAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
        {
            await File.WriteAllTextAsync(path, "file");
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.DeleteOnClose);
            await reader.WaitForDataAsync();
            var protocol = new Paused { Resumes = false };
            var (transport, _) = await EventLoop.Running.AttachAsync(() => protocol, await writer.DetachAsync());
            Assert.False(transport.IsReading);
            transport.ResumeReading();
            Assert.True(transport.IsReading);
            await EventLoop.Running.SendFileAsync(transport, file);
            while (protocol.Text == "")
                await Asyncio.Sleep(0.001);
            received.SetResult(protocol.Text);
        }
    }

    private static async Coroutine EchoAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        await using (writer)
        {
            while (await reader.ReadAsync(65536) is { Length: > 0 } data)
            {
                writer.Write(data);
                await writer.DrainAsync();
            }
        }
    }

    // How many connections of those that are open at the same time each loop has.
    private static async Task<SortedDictionary<int, int>> PlacesOfAsync(LoopGroupServer server, int count, EndPoint? endPoint = null)
    {
        List<Socket> clients = [];
        var places = new SortedDictionary<int, int>();
        for (var i = 0; i < count; i++)
        {
            clients.Add(Connect(endPoint ?? server.EndPoints[0]));
            var place = Receive(clients[^1], 1)[0];
            places[place] = places.GetValueOrDefault(place) + 1;
        }
        Assert.Equal(count, (await server.CountClientsAsync()).Sum());
        clients.ForEach(client => client.Dispose());
        return places;
    }

    private sealed class Paused : Protocol
    {
        private readonly StringBuilder _text = new();

        public bool Resumes { get; init; } = true;

        public string Text
        {
            get
            {
                lock (_text)
                    return _text.ToString();
            }
        }

        public override void ConnectionMade(Transport transport)
        {
            transport.PauseReading();
            if (Resumes)
                EventLoop.Running.CallLater(TimeSpan.FromSeconds(0.01), transport.ResumeReading);
        }

        public override void DataReceived(ReadOnlySpan<byte> data)
        {
            lock (_text)
                _text.Append(Encoding.ASCII.GetString(data));
        }
    }
}

public sealed class LoopGroupServerTestsOnEpoll : LoopGroupServerTests
{
    public LoopGroupServerTestsOnEpoll() => Assert.SkipUnless(OperatingSystem.IsLinux(), "epoll is Linux's");

    protected override EventLoop NewLoop() => new EpollEventLoop();
}

public sealed class LoopGroupServerTestsOnIoUring : LoopGroupServerTests
{
    public LoopGroupServerTestsOnIoUring() => Assert.SkipUnless(IoUringEventLoop.IsSupported, "io_uring is not to be had here");

    protected override EventLoop NewLoop() => new IoUringEventLoop();
}

public sealed class LoopGroupServerTestsOnPortable : LoopGroupServerTests
{
    protected override EventLoop NewLoop() => new PortableEventLoop();
}
