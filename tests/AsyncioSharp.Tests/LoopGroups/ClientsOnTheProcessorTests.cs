using System.Net.Sockets;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Faults;

namespace AsyncioSharp.Tests;

/// <summary>
/// What is sent to clients on the loop's own processor, once it was asked where each would be served best: they cannot run before the loop waits,
/// so an io_uring loop sends to all of them at once then.
/// </summary>
public abstract class ClientsOnTheProcessorTests : OnLoopGroup
{
    private const int Place = 1;
    private static readonly int[] s_processors = OperatingSystem.IsLinux() ? ProcessorOfThread.Allowed : [];

    private readonly List<Transport> _transports = [];
    private readonly List<Socket> _peers = [];

    /// <summary>Whether the loop sends to several at once.</summary>
    private protected abstract bool SendsTogether { get; }

    [Fact]
    public Task What_steps_write_to_them_leaves_when_the_iteration_ends() => OnClientsAsync(4, async () =>
    {
        List<int> arrived = [];
        for (var i = 0; i < 4; i++)
            EventLoop.Running.CallSoon(i => Write(i), i);
        await Expect.Turns(2);

        Assert.Equal(SendsTogether ? [0, 0, 0] : [2, 2, 2], arrived);
        for (byte i = 0; i < 4; i++)
            Assert.Equal([i, i], Receive(_peers[i], 2));

        void Write(int i)
        {
            if (i > 0)
                arrived.Add(_peers[i - 1].Available);
            _transports[i].Write([(byte)i]);
            _transports[i].Write([(byte)i]);
            Assert.Equal(2, _transports[i].WriteBufferSize);
        }
    });

    [Fact]
    public Task Connections_keep_their_order() => OnClientsAsync(3, async () =>
    {
        _transports[0].Write("1"u8);
        _transports[1].Write("a"u8);
        _transports[0].Write("2"u8);
        Assert.Equal((1, 1), (_peers[0].Available, _peers[1].Available));
        _transports[2].Write(new byte[10_000]); // which is sent at once, behind what there is
        Assert.Equal((2, 1, 10_000), (_peers[0].Available, _peers[1].Available, _peers[2].Available));
        _transports[1].Write("b"u8);
        _transports[0].Write("3"u8);
        _transports[1].Flush();
        await Asyncio.Yield();
        Assert.Equal("123"u8, Receive(_peers[0], 3));
        Assert.Equal("ab"u8, Receive(_peers[1], 2));
    });

    [Theory]
    [InlineData(true)] // what there is of it is sent as another was written to meanwhile
    [InlineData(false)] // or as there is no room for what is written behind it
    public Task What_the_system_has_no_room_for_is_not_overtaken(bool isFirst) => OnClientsAsync(2, async () =>
    {
        var data = new byte[isFirst ? 1 : 16 * 1024];
        Array.Fill(data, (byte)'2');
        var (full, fullPeer) = (_transports[0], _peers[0]);
        var (other, otherPeer) = (_transports[1], _peers[1]);
        using (var plan = new FaultPlan("send", error: 11, at: isFirst ? 1 : 2)) // EAGAIN
        {
            if (!isFirst)
                other.Write("a"u8);
            full.Write("1"u8);
            if (isFirst)
                other.Write("a"u8);
            full.Write(data);
            await Asyncio.Yield();
            Assert.True(plan.HasStruck);
        }
        fullPeer.Send("?"u8); // there was room all the time: the system tells of that only with something else
        var received = await Asyncio.ToThread(() => Receive(fullPeer, 1 + data.Length));
        Assert.Equal((byte[])[(byte)'1', .. data], received);
        Assert.Equal("a"u8, Receive(otherPeer, 1));
    });

    [Fact]
    public Task Steps_that_take_long_do_not_hold_it_up() => OnClientsAsync(2, async () =>
    {
        var arrived = 0;
        EventLoop.Running.CallSoon(() => _transports[0].Write("1"u8));
        EventLoop.Running.CallSoon(() => _transports[1].Write("1"u8));
        for (var i = 0; i < 20; i++)
        {
            EventLoop.Running.CallSoon(() =>
            {
                Thread.Sleep(1);
                arrived = _peers[0].Available;
            });
        }
        EventLoop.Running.CallSoon(() => Assert.Equal(1, arrived));
        await Expect.Turns(2);
    });

    [Fact]
    public Task Much_of_many_arrives_in_order_though_some_read_late() => OnClientsAsync(8, async () =>
    {
        var sent = _transports.ConvertAll(_ => new List<byte>());
        var random = new Random(5);
        for (var round = 0; round < 800; round++)
        {
            var count = random.Next(1, 9);
            for (var i = 0; i < count; i++)
            {
                var to = random.Next(_transports.Count);
                var piece = new byte[random.Next(1, random.Next(2) == 0 ? 50 : 5000)];
                random.NextBytes(piece);
                EventLoop.Running.CallSoon(() =>
                {
                    sent[to].AddRange(piece);
                    _transports[to].Write(piece);
                });
            }
            await Asyncio.Yield();
        }
        Assert.Contains(_transports, static transport => transport.WriteBufferSize > 0); // the system has no room for all of it
        _transports.ForEach(static transport => transport.Close());
        for (var i = 0; i < _peers.Count; i++)
        {
            var (peer, length) = (_peers[i], sent[i].Count);
            Assert.Equal(sent[i], await Asyncio.ToThread(() => Receive(peer, length)));
        }
    });

    [Fact]
    public Task Who_is_aborted_gets_nothing_and_who_is_closed_gets_all() => OnClientsAsync(4, async () =>
    {
        foreach (var transport in _transports)
            transport.Write("data"u8);
        _transports[1].Abort();
        _transports[2].Close();
        await Asyncio.Yield();
        foreach (var i in (int[])[0, 2, 3])
            Assert.Equal("data"u8, Receive(_peers[i], 4));
        Assert.Equal(0, _peers[2].Receive(new byte[1]));
    });

    [Theory]
    [InlineData("io_uring_setup", 12)] // ENOMEM: there is no ring for it
    [InlineData("io_uring_enter", 1)] // EPERM: it is forbidden after all
    [InlineData("io_uring_enter", 12)]
    [InlineData("io_uring_enter", 4)] // EINTR
    [InlineData("io_uring_enter", 11)] // EAGAIN
    public Task Without_a_ring_for_it_each_is_sent_to_by_itself(string call, int error) => OnClientsAsync(5, async () =>
    {
        for (var round = 0; round < 3; round++)
        {
            using (new FaultPlan(call, error, at: 1))
            {
                foreach (var transport in _transports)
                    transport.Write("data"u8);
                _transports.ForEach(static transport => transport.Flush());
            }
            _peers.ForEach(static peer => Assert.Equal("data"u8, Receive(peer, 4)));
            await Asyncio.Yield();
        }
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task Who_cannot_be_sent_to_is_lost_and_the_others_are_not(int failing) => OnClientsAsync(4, async () =>
    {
        using (new FaultPlan("send", 32, at: failing)) // EPIPE
        {
            foreach (var transport in _transports)
                transport.Write("data"u8);
            _transports.ForEach(static transport => transport.Flush());
        }
        await Expect.Turns(2);
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(i == failing - 1, _transports[i].IsClosing);
            if (i != failing - 1)
                Assert.Equal("data"u8, Receive(_peers[i], 4));
        }
    });

    [Fact]
    public Task Without_room_it_is_kept_until_there_is_some() => OnClientsAsync(3, async () =>
    {
        Assert.SkipUnless(SendsTogether, "epoll tells nobody of room that there was all along");
        using (new FaultPlan("send", 11, at: 2)) // EAGAIN
        {
            foreach (var transport in _transports)
                transport.Write("data"u8);
            _transports.ForEach(static transport => transport.Flush());
        }
        Assert.Equal([0, 4, 0], _transports.ConvertAll(static transport => transport.WriteBufferSize));
        _transports[1].Write("more"u8);
        _transports[1].Close();
        await Asyncio.Yield();
        var received = await Asyncio.ToThread(() => Receive(_peers[1], 8));
        Assert.Equal("datamore"u8, received);
    });

    [Fact]
    public Task Clients_elsewhere_are_sent_to_when_the_step_ends() => OnClientsAsync(2, async () =>
    {
        List<int> arrived = [];
        EventLoop.Running.CallSoon(() => _transports[0].Write("1"u8));
        EventLoop.Running.CallSoon(() => arrived.Add(_peers[0].Available));
        EventLoop.Running.CallSoon(() => _transports[1].Write("1"u8));
        EventLoop.Running.CallSoon(() => arrived.Add(_peers[1].Available));
        await Expect.Turns(2);
        Assert.Equal([1, 1], arrived);
    }, near: false);

    // Clients that the loop's processor serves, connected to the loop there, and what the loop is to do.
    private async Task OnClientsAsync(int count, Func<Coroutine> body, bool near = true)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "it is Linux that tells the processors");
        Assert.SkipUnless(s_processors.Length is > 1 and <= 16, "there have to be several processors, and not very many");
        await using var group = LoopGroup.Start(Options(s_processors.Length) with { Placement = LoopPlacement.OwnProcessor });
        await using var server = await group.StartServerAsync(ServeAsync, "127.0.0.1", 0, balancing: ConnectionBalancing.Nearest);
        try
        {
            OnThreadOfItsOwn(() =>
            {
                ProcessorOfThread.Bind(s_processors[Place]);
                for (var i = 0; i < count; i++)
                {
                    _peers.Add(Connect(server.EndPoints[0]));
                    _peers[^1].Send("?"u8);
                    Assert.Equal(Place, Receive(_peers[^1], 1)[0]);
                }
            });
            await group.RunAsync(group.Loops[Place], body);
            Assert.Empty(Reports);
        }
        finally
        {
            _peers.ForEach(static peer => peer.Dispose());
            await group.RunAsync(group.Loops[Place], () =>
            {
                _transports.ForEach(static transport => transport.Abort());
                return Coroutine.Completed;
            });
        }

        async Coroutine ServeAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
        {
            await reader.ReadExactlyAsync(1);
            writer.Transport.Socket!.SendBufferSize = 16 * 1024; // so that it has no room for all soon
            if (near)
                LoopGroup.SuggestLoop(writer.Transport);
            _transports.Add(writer.Transport);
            writer.Write([(byte)LoopGroup.CurrentIndex]);
        }
    }
}

public sealed class ClientsOnTheProcessorTestsOnEpoll : ClientsOnTheProcessorTests
{
    public ClientsOnTheProcessorTestsOnEpoll() => Assert.SkipUnless(OperatingSystem.IsLinux(), "epoll is Linux's");

    private protected override bool SendsTogether => false;

    protected override EventLoop NewLoop() => new EpollEventLoop();
}

public sealed class ClientsOnTheProcessorTestsOnIoUring : ClientsOnTheProcessorTests
{
    public ClientsOnTheProcessorTestsOnIoUring() => Assert.SkipUnless(IoUringEventLoop.IsSupported, "io_uring is not to be had");

    private protected override bool SendsTogether => true;

    protected override EventLoop NewLoop() => new IoUringEventLoop();
}
