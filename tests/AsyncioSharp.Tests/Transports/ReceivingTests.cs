using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Transports;

/// <summary>What has come, and was not taken yet: it is kept, in order, and stands in nobody's way. Alone, as they count what
/// the process holds open.</summary>
public abstract class ReceivingTests(EventLoop loop) : OnNetwork(loop)
{
    private static byte[] Pattern(int length, int start = 0)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
            bytes[i] = (byte)((start + i) % 251);
        return bytes;
    }

    // Stops reading with the first data.
    private static Recorder NewPausing()
    {
        var recorder = new Recorder();
        recorder.Then = happened =>
        {
            if (happened == "data")
                recorder.Transport.PauseReading();
        };
        return recorder;
    }

    [Fact]
    public void What_came_before_a_reset_is_delivered_although_something_waits_to_be_sent() => Run(async () =>
    {
        var sent = Pattern(60_000);
        var recorder = new Recorder();
        await using var server = await ServeAsync(() => recorder);
        using var peer = ConnectSocket(server);
        peer.Send(sent);
        var isFirst = true;
        recorder.Then = happened =>
        {
            if (happened != "data")
                return;
            for (var i = 0; i < 300; i++)
                EventLoop.Running.CallSoon(static () => { }); // so that the loop asks the system between two pieces
            if (!isFirst)
                return;
            isFirst = false;
            recorder.Transport.Write(new byte[20_000_000]);
            Reset(peer);
        };
        await Until(() => recorder.IsLost);

        Assert.Equal(sent, recorder.Data);
        Assert.IsType<SocketException>(recorder.Reason);
    });

    // A turn for each piece that the system handed over would make who sends much wait for all others in between.
    [Fact]
    public void What_has_come_by_then_is_delivered_in_one_turn() => Run(async () =>
    {
        var sent = Pattern(60_000);
        var deliveries = 0;
        var recorder = new Recorder();
        recorder.Then = happened => deliveries += happened == "data" ? 1 : 0;
        await using var server = await ServeAsync(() => recorder);
        using var peer = ConnectSocket(server);
        peer.Send(sent.AsSpan(..1));
        await Until(() => recorder.DataCount == 1);

        peer.Send(sent.AsSpan(1..));
        await Until(() => recorder.DataCount == sent.Length);

        Assert.Equal(2, deliveries);
        Assert.Equal(sent, recorder.Data);
    });

    // Each has data that nobody takes any more, and more to send than its peer takes for now.
    [Fact]
    public void Connections_that_still_send_after_they_were_closed_hold_nobody_up() => Run(async () =>
    {
        const int Count = 300;
        const int Much = 400_000;
        var closing = 0;
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            writer.Socket!.SendBufferSize = 4096;
            await reader.WaitForDataAsync();
            writer.Write(new byte[Much]);
            writer.Transport.Close();
            Assert.NotEqual(0, writer.Transport.WriteBufferSize);
            closing++;
        }, new ServerOptions { Backlog = Count });
        await using var echo = await ServeAsync(async (reader, writer) =>
        {
            await using (writer)
                writer.Write(await reader.ReadAsync(100));
        });
        var peers = new List<Socket>();
        for (var i = 0; i < Count; i++)
        {
            peers.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 });
            peers[^1].Connect(IPAddress.Loopback, Port(server));
            peers[^1].Send("x"u8);
        }
        await Until(() => closing == Count);

        var (reader, writer) = await ConnectAsync(echo);
        writer.Write("hello"u8);
        Assert.Equal(Bytes("hello"), await Asyncio.WaitFor(reader.ReadAsync(), Eventually.Patience / 2));
        await writer.DisposeAsync();
        foreach (var peer in peers)
            Reset(peer);
        await Until(() => server.ClientCount == 0);
    });

    [Fact]
    public void Connections_that_are_paused_hold_nobody_up_and_lose_nothing() => Run(async () =>
    {
        const int Count = 300;
        const int Length = 1500;
        var paused = new List<Recorder>();
        await using var server = await ServeAsync(() =>
        {
            var recorder = NewPausing();
            paused.Add(recorder);
            return recorder;
        }, new ServerOptions { Backlog = Count });
        var peers = Enumerable.Range(0, Count).Select(_ => ConnectSocket(server)).ToList();
        for (var round = 0; round < 3; round++)
        {
            foreach (var peer in peers)
                peer.Send(Pattern(Length, round * Length));
            await Until(() => paused.Count == Count && paused.TrueForAll(static recorder => recorder.DataCount > 0));
        }

        await using (var echo = await ServeAsync(static () => new Echo()))
        {
            var (transport, client) = await ConnectAsync(echo, static () => new Recorder());
            transport.Write("hello"u8);
            await Until(() => client.DataCount == 5);
            transport.Close();
        }
        foreach (var recorder in paused)
        {
            recorder.Then = null;
            recorder.Transport.ResumeReading();
        }
        await Until(() => paused.TrueForAll(static recorder => recorder.DataCount == 3 * Length));
        Assert.All(paused, static recorder => Assert.Equal(Pattern(3 * Length), recorder.Data));
        peers.ForEach(static peer => peer.Dispose());
        await Until(() => paused.TrueForAll(static recorder => recorder.IsLost));
        Assert.All(paused, static recorder => Assert.Equal("made data eof lost", recorder.Events));
    });

    [Fact]
    public void Small_pieces_and_large_ones_come_in_order() => Run(async () =>
    {
        int[] lengths = [1, 1000, 16 * 1024, 10, 300_000, 5, 16 * 1024 - 1, 16 * 1024 + 1, 1_000_000, 3];
        var recorder = new Recorder();
        var pauses = 0;
        recorder.Then = happened =>
        {
            if (happened != "data" || ++pauses % 3 != 0)
                return;
            recorder.Transport.PauseReading();
            Loop.CallSoon(recorder.Transport.ResumeReading);
        };
        await using var server = await ServeAsync(() => recorder);
        using var peer = ConnectSocket(server);
        var sent = 0;
        foreach (var length in lengths)
        {
            var piece = Pattern(length, sent);
            await Asyncio.ToThread(() => peer.Send(piece));
            sent += length;
            if (length < 100)
                await Until(() => recorder.DataCount == sent);
        }
        Assert.Equal(Pattern(sent), recorder.Data);
    });

    [Fact]
    public void A_loop_goes_on_on_another_thread_with_the_connections_it_has()
    {
        Server server = null!;
        Socket peer = null!;
        var recorder = new Recorder();
        Run(async () =>
        {
            server = await ServeAsync(() => recorder);
            peer = ConnectSocket(server);
            await Until(() => recorder.Transport is not null);
        });
        for (var round = 0; round < 6; round++)
        {
            peer.Send(Pattern(100, round * 100)); // while the loop stands still
            var expected = (round + 1) * 100;
            Exception? failure = null;
            if (round % 2 == 0)
            {
                Receive(expected);
            }
            else
            {
                var thread = new Thread(() => failure = Record.Exception(() => Receive(expected)));
                thread.Start();
                thread.Join();
            }
            Assert.Null(failure);
        }
        peer.Dispose();
        Run(async () =>
        {
            await Until(() => recorder.IsLost);
            await server.DisposeAsync();
        });
        Assert.Equal(Pattern(600), recorder.Data);

        void Receive(int expected) => Run(async () =>
        {
            await Until(() => recorder.DataCount == expected);
            recorder.Transport.Write("answer"u8);
            var answer = new byte[6];
            Assert.Equal(6, await Asyncio.ToThread(() => peer.Receive(answer)));
        });
    }

    [Fact]
    public void A_peer_that_goes_is_noticed_by_what_waits_to_be_sent() => Run(async () =>
    {
        Assert.SkipUnless(Socket.OSSupportsUnixDomainSockets, "There are no Unix sockets here.");
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var recorder = new Recorder { KeepOpen = true };
        await using var server = await Loop.CreateUnixServerAsync(() => recorder, path);
        using var peer = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await Loop.SockConnectAsync(peer, new UnixDomainSocketEndPoint(path));
        await Until(() => recorder.Transport is not null);
        recorder.Transport.Write(new byte[5_000_000]);
        await Expect.Turns(5);
        peer.Dispose();
        await Until(() => recorder.IsLost);
        Assert.NotNull(recorder.Reason);
    });

    [Fact]
    public void A_loop_that_is_closed_in_the_middle_leaves_nothing_open()
    {
        var before = Descriptors.Count();
        var peers = new List<Socket>();
        Run(async () =>
        {
            var server = await ServeAsync(static () => new Recorder());
            var pausing = await ServeAsync(NewPausing);
            for (var i = 0; i < 10; i++)
            {
                peers.Add(ConnectSocket(i % 2 == 0 ? server : pausing));
                peers[^1].Send(Pattern(i * 100));
                var (transport, _) = await ConnectAsync(server, static () => new Recorder());
                transport.Write(new byte[i * 1000]);
            }
            await Expect.Turns(10);
        });
        Loop.Logger = new LogEntries(); // which is told that they were never closed
        Loop.Close();
        peers.ForEach(static peer => peer.Dispose());
        Assert.InRange(Descriptors.Count(), 0, before);
    }

    private sealed class Echo : Protocol
    {
        private Transport? _transport;

        public override void ConnectionMade(Transport transport) => _transport = transport;

        public override void DataReceived(ReadOnlySpan<byte> data) => _transport!.Write(data);
    }
}

[Collection(nameof(Alone))]
public sealed class EpollReceivingTests() : ReceivingTests(new EpollEventLoop());

[Collection(nameof(Alone))]
public sealed class IoUringReceivingTests() : ReceivingTests(IoUring.NewLoop());

[Collection(nameof(Alone))]
public sealed class PortableReceivingTests() : ReceivingTests(new PortableEventLoop());
