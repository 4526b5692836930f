using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Faults;

/// <summary>The buffers into which the kernel receives for an io_uring loop are fewer than its connections. How often it is asked to receive
/// is counted, which is why these tests are here.</summary>
[Collection(nameof(Alone))]
public sealed class ReceiveBufferTests : IDisposable
{
    private readonly IoUringEventLoop _loop = IoUring.NewLoopWithRing();
    private readonly List<Socket> _peers = [];

    public void Dispose()
    {
        _loop.Close();
        _peers.ForEach(static peer => peer.Dispose());
    }

    [Fact]
    public void Who_gets_no_buffer_is_received_from_in_turn_and_not_asked_for_again_and_again() => _loop.RunUntilComplete(RefusedAsync());

    [Fact]
    public void Who_gets_no_buffer_and_wants_nothing_loses_nothing() => _loop.RunUntilComplete(RefusedAndPausedAsync());

    [Fact]
    public void Who_gets_no_buffer_and_sends_large_pieces_is_received_from_by_calls_from_then_on() => _loop.RunUntilComplete(RefusedLargeAsync());

    [Fact]
    public void Who_gets_a_buffer_and_then_none_is_told_of_both() => _loop.RunUntilComplete(RefusedBehindDataAsync());

    [Fact]
    public void What_connections_have_kept_comes_back_however_they_end() => _loop.RunUntilComplete(EndingAsync());

    private async Coroutine RefusedAsync()
    {
        const int Count = 1000;
        var received = 0;
        await using var server = await _loop.CreateServerAsync(
            () => new Receiver(_ => received++), "127.0.0.1", 0, new ServerOptions { Backlog = Count });
        for (var i = 0; i < Count; i++)
            Connect(server).Send("x"u8); // so that all of it is there when it is asked for

        using var plan = new FaultPlan("recv", error: 0, at: 0);
        await Eventually.UntilOnLoop(() => received == Count);

        Assert.InRange(plan.Count, Count, 3 * Count); // in vain, by a call of its own, and for what comes next
    }

    private async Coroutine RefusedAndPausedAsync()
    {
        const int Count = 400;
        var receivers = new List<Receiver>();
        await using var server = await _loop.CreateServerAsync(
            () =>
            {
                receivers.Add(new Receiver(static receiver => receiver.Pause()));
                return receivers[^1];
            },
            "127.0.0.1", 0, new ServerOptions { Backlog = Count });
        var sent = new byte[3 * 16 * 1024]; // of which a buffer of the loop's holds a part
        new Random(1).NextBytes(sent);
        for (var i = 0; i < Count; i++)
        {
            var peer = Connect(server);
            Assert.Equal(sent.Length, peer.Send(sent));
            peer.Shutdown(SocketShutdown.Send);
        }
        await Eventually.UntilOnLoop(() =>
        {
            receivers.ForEach(static receiver => receiver.Resume());
            return receivers.Count == Count && receivers.TrueForAll(static receiver => receiver.IsLost);
        });

        Assert.All(receivers, receiver => Assert.Equal(sent, receiver.Data));
    }

    private async Coroutine RefusedLargeAsync()
    {
        const int Count = 400;
        var sent = new byte[20_000]; // more than a buffer of the loop's
        var received = 0;
        await using var server = await _loop.CreateServerAsync(
            () => new Receiver(receiver => received += receiver.LastCount), "127.0.0.1", 0, new ServerOptions { Backlog = Count });
        for (var i = 0; i < Count; i++)
            Assert.Equal(sent.Length, Connect(server).Send(sent));
        await Eventually.UntilOnLoop(() => received == Count * sent.Length);

        using var plan = new FaultPlan("recv", error: 0, at: 0);
        foreach (var peer in _peers)
            peer.Send("x"u8);
        await Eventually.UntilOnLoop(() => received == Count * (sent.Length + 1));

        Assert.InRange(plan.Count, Count, 2 * Count); // no calls would mean that the kernel receives by itself
    }

    // What comes for the others while the first is being told: what there is for them already holds all buffers.
    private async Coroutine RefusedBehindDataAsync()
    {
        const int Count = 200;
        var transports = new List<Transport>();
        var received = 0;
        var detaches = false;
        var other = default(Transport);
        await using var server = await _loop.CreateServerAsync(
            () => new BufferedReceiver(transports.Add, OnReceived), "127.0.0.1", 0, new ServerOptions { Backlog = Count });
        for (var i = 0; i < Count; i++)
            Connect(server);
        await Eventually.UntilOnLoop(() => transports.Count == Count);
        await Asyncio.Yield(); // all are received on
        other = transports.Find(transport => transport.RemoteEndPoint!.Equals(_peers[0].LocalEndPoint));

        SendToAll();
        detaches = true;
        await Eventually.UntilOnLoop(() => received == 2 * (Count - 1));

        void OnReceived(int count)
        {
            received += count;
            if (!detaches)
                return;
            detaches = false;
            SendToAll();
            Asyncio.CreateTask(DetachAsync(), eagerStart: true); // for which the loop looks at what the kernel has done
        }

        void SendToAll()
        {
            foreach (var peer in _peers[1..])
                peer.Send("x"u8);
        }

        async Coroutine DetachAsync() => (await _loop.DetachAsync(other!)).Dispose();
    }

    private async Coroutine EndingAsync()
    {
        const int Count = 3000; // many times more than there are buffers
        var random = new Random(1);
        var made = 0;
        await using var server = await _loop.CreateServerAsync(
            () =>
            {
                made++;
                return new Receiver(Leave);
            },
            "127.0.0.1", 0);
        _loop.ExceptionHandler = static (_, _) => { };
        for (var i = 0; i < Count; i++)
        {
            using var peer = Connect(server);
            for (var pieces = random.Next(4); pieces > 0; pieces--)
                peer.Send(new byte[random.Next(1, 20_000)]);
            if (random.Next(3) == 0)
                peer.LingerState = new LingerOption(true, 0);
            if (random.Next(2) == 0)
                await Asyncio.Yield();
            if (i % 50 < 49)
                continue;
            await Eventually.UntilOnLoop(() => made == i + 1); // or the queue would be full
            server.AbortClients();
        }
        server.AbortClients();
        await Eventually.UntilOnLoop(() => server.ClientCount == 0);

        var received = 0;
        await using var next = await _loop.CreateServerAsync(() => new Receiver(_ => received++), "127.0.0.1", 0);
        var last = Connect(next);
        last.Send("x"u8);
        await Eventually.UntilOnLoop(() => received == 1);
        using var plan = new FaultPlan("recv", error: 0, at: 0);
        for (var i = 2; i < 10; i++)
        {
            last.Send("x"u8);
            await Eventually.UntilOnLoop(() => received == i);
        }
        Assert.Equal(0, plan.Count); // the kernel receives by itself, for which it needs a buffer

        void Leave(Receiver receiver)
        {
            switch (random.Next(5))
            {
                case 0:
                    receiver.Pause();
                    break;
                case 1:
                    receiver.Transport.Abort();
                    break;
                case 2:
                    receiver.Transport.Close();
                    break;
                case 3:
                    throw new DivideByZeroException();
            }
        }
    }

    private Socket Connect(Server server)
    {
        var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _peers.Add(peer);
        peer.Connect((IPEndPoint)server.Sockets[0].LocalEndPoint!);
        return peer;
    }

    private sealed class Receiver(Action<Receiver> then) : Protocol
    {
        private readonly List<byte> _data = [];

        public Transport Transport { get; private set; } = null!;

        public byte[] Data => [.. _data];

        public int LastCount { get; private set; }

        public bool IsLost { get; private set; }

        public override void ConnectionMade(Transport transport) => Transport = transport;

        public override void DataReceived(ReadOnlySpan<byte> data)
        {
            _data.AddRange(data);
            LastCount = data.Length;
            then(this);
        }

        public override void ConnectionLost(Exception? exception) => IsLost = true;

        public void Pause() => Transport.PauseReading();

        public void Resume()
        {
            if (Transport is { IsClosing: false })
                Transport.ResumeReading();
        }
    }

    private sealed class BufferedReceiver(Action<Transport> made, Action<int> received) : BufferedProtocol
    {
        private readonly byte[] _buffer = new byte[100];

        public override void ConnectionMade(Transport transport) => made(transport);

        public override Memory<byte> GetBuffer(int sizeHint) => _buffer;

        public override void BufferUpdated(int count) => received(count);
    }
}
