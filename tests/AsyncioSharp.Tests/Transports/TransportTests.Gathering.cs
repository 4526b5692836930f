using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Transports;

// What one step writes in small pieces leaves together.
public abstract partial class TransportTests
{
    private const int MaxGathered = 16 * 1024;

    [Fact]
    public void Small_pieces_of_one_step_leave_together_when_it_ends() => OnPeer(async (transport, peer) =>
    {
        transport.Write("a"u8);
        transport.Write("b"u8);

        Assert.Equal(2, transport.WriteBufferSize);
        Assert.Equal(0, peer.Available);

        await Asyncio.Yield();
        Assert.Equal(0, transport.WriteBufferSize);
        Assert.Equal("ab"u8, Receive(peer));
    });

    [Fact]
    public void Flushing_sends_them_before() => OnPeer(async (transport, peer) =>
    {
        transport.Write("a"u8);
        transport.Flush();
        Assert.Equal(0, transport.WriteBufferSize);
        Assert.Equal("a"u8, Receive(peer));
        transport.Flush(); // there is nothing

        transport.Write("b"u8);
        await Asyncio.Yield();
        Assert.Equal("b"u8, Receive(peer));
    });

    [Fact]
    public void A_step_that_draining_does_not_end_goes_on_gathering() => Run(async () =>
    {
        var closed = Loop.CreateFuture<bool>();
        var server = await Asyncio.StartServerAsync(
            async (_, writer) =>
            {
                for (var i = 0; i < 3; i++)
                {
                    writer.Write("x"u8);
                    await writer.DrainAsync();
                }
                Assert.Equal(3, writer.Transport.WriteBufferSize);
                await Asyncio.Yield();
                Assert.Equal(0, writer.Transport.WriteBufferSize);
                closed.SetResult(true);
                await writer.DisposeAsync();
            },
            "127.0.0.1",
            0);
        await using var _ = server;
        using var peer = ConnectSocket(server);
        await closed;
        Assert.Equal("xxx"u8, Receive(peer));
    });

    [Fact]
    public void Large_and_small_pieces_stay_in_order() => OnPeer(async (transport, peer) =>
    {
        var random = new Random(1);
        var sent = new List<byte>();
        var received = new List<byte>();
        foreach (var size in (int[])[1, 100, 20_000, 3, 600, 600, 9_000, 9_000, 5, 0, 30_000, 1, 16_384, 1, 512, 513])
        {
            var piece = new byte[size];
            random.NextBytes(piece);
            transport.Write(piece);
            sent.AddRange(piece);
            if (random.Next(3) == 0)
                await Asyncio.Yield();
        }
        transport.Close();
        await Until(() =>
        {
            var some = Receive(peer);
            received.AddRange(some);
            return received.Count == sent.Count;
        });
        Assert.Equal(sent, received);
    });

    [Fact]
    public void However_much_a_step_writes_only_so_much_is_held_back() => OnPeer(async (transport, peer) =>
    {
        var written = 0;
        var piece = new byte[100];
        while (peer.Available == 0)
        {
            transport.Write(piece);
            written += piece.Length;
            Assert.InRange(transport.WriteBufferSize, 0, MaxGathered);
            Assert.InRange(written, 0, 2 * MaxGathered);
        }
        await Asyncio.Yield();
        Assert.Equal(written, peer.Available);
    });

    [Fact]
    public void Several_connections_can_be_written_to_in_one_step() => OnPeer((first, firstPeer) => OnPeerAsync(async (second, secondPeer) =>
    {
        for (var i = 0; i < 3; i++)
        {
            first.Write([(byte)i]);
            second.Write([(byte)(10 + i)]);
        }
        await Asyncio.Yield();
        Assert.Equal([0, 1, 2], Receive(firstPeer));
        Assert.Equal([10, 11, 12], Receive(secondPeer));
    }));

    [Fact]
    public void What_tasks_write_to_the_same_connection_one_after_another_leaves_together() => OnPeer(async (transport, peer) =>
    {
        List<int> arrived = [];
        for (byte i = 0; i < 10; i++)
            Loop.CallSoon(Write, i);
        await Expect.Turns(2);
        Assert.Equal([0, 1, 1, 1, 1, 1, 1, 1, 1, 1], arrived); // the first did not know that others would follow
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], Receive(peer));

        void Write(byte data)
        {
            arrived.Add(peer.Available);
            transport.Write([data]);
        }
    });

    [Fact]
    public void They_are_not_held_back_for_steps_that_write_nothing_or_to_others() => OnPeer(
        (first, firstPeer) => OnPeerAsync(async (second, secondPeer) =>
        {
            Loop.CallSoon(() => first.Write("1"u8));
            Loop.CallSoon(() => first.Write("2"u8));
            Loop.CallSoon(() => Assert.Equal(1, firstPeer.Available));
            Loop.CallSoon(() => Assert.Equal(2, firstPeer.Available));

            Loop.CallSoon(() => first.Write("3"u8));
            Loop.CallSoon(() => first.Write("4"u8));
            Loop.CallSoon(() => second.Write("a"u8));
            Loop.CallSoon(() => Assert.Equal((4, 1), (firstPeer.Available, secondPeer.Available)));
            await Asyncio.Yield();
            Assert.Equal("1234"u8, Receive(firstPeer));
            Assert.Equal("a"u8, Receive(secondPeer));
        }));

    [Fact]
    public void What_is_written_to_one_connection_leaves_before_what_is_then_written_to_another() => OnPeer(
        (first, firstPeer) => OnPeerAsync(async (second, secondPeer) =>
        {
            first.Write("1"u8);
            second.Write(new byte[1000]);
            Assert.Equal((1, 1000), (firstPeer.Available, secondPeer.Available));
            first.Write("2"u8);
            second.Write("b"u8);
            Assert.Equal((2, 1000), (firstPeer.Available, secondPeer.Available));
            await Asyncio.Yield();
            Assert.Equal(1001, secondPeer.Available);
        }));

    [Fact]
    public void With_a_high_mark_of_zero_nothing_waits() => OnPeer(async (transport, peer) =>
    {
        transport.SetWriteBufferLimits(high: 0);
        transport.Write("1"u8);
        Assert.Equal((0, 1), (transport.WriteBufferSize, peer.Available));
        await Asyncio.Yield();

        transport.SetWriteBufferLimits(high: 3);
        transport.Write("23"u8);
        transport.Write("4"u8);
        Assert.Equal((3, 1), (transport.WriteBufferSize, peer.Available));
        transport.Write("5"u8);
        Assert.InRange(transport.WriteBufferSize, 0, 3);
        transport.SetWriteBufferLimits(high: 0);
        Assert.Equal((0, 5), (transport.WriteBufferSize, peer.Available));
    });

    [Theory]
    [InlineData("made")]
    [InlineData("data")]
    [InlineData("eof")]
    public void What_a_protocol_writes_before_it_throws_is_sent(string where) => Run(async () =>
    {
        var server = new Recorder();
        server.Then = happened =>
        {
            if (happened != where)
                return;
            server.Transport.Write("sorry"u8);
            throw new FormatException("thrown behind a write");
        };
        await using var listener = await ServeAsync(() => server);
        using var peer = ConnectSocket(listener);
        if (where != "made")
            peer.Send("?"u8);
        if (where == "eof")
            peer.Shutdown(SocketShutdown.Send);
        await Until(() => server.IsLost);
        Assert.IsType<FormatException>(Assert.Single(Reports()).Exception);
        Assert.Equal("sorry"u8, Receive(peer));
    });

    [Fact]
    public void What_an_exception_handler_writes_while_no_step_runs_is_sent_at_once() => OnPeer(async (transport, peer) =>
    {
        Loop.ExceptionHandler = (_, _) => transport.Write("told"u8);
        Abandon();
        await Until(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return peer.Available > 0;
        });
        Assert.Equal("told"u8, Receive(peer));
        Loop.ExceptionHandler = null;

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        void Abandon() => Loop.CreateFuture<bool>().SetException(new FormatException());
    });

    [Fact]
    public void A_stream_over_the_connection_sends_them_when_it_is_flushed() => Run(async () =>
    {
        var served = Loop.CreateFuture<bool>();
        await using var server = await Asyncio.StartServerAsync(
            async (_, writer) =>
            {
                var stream = writer.AsStream();
                stream.Write("1"u8);
                stream.Flush();
                Assert.Equal(0, writer.Transport.WriteBufferSize);
                stream.Write("2"u8);
                await stream.FlushAsync();
                Assert.Equal(0, writer.Transport.WriteBufferSize);
                served.SetResult(true);
                await stream.DisposeAsync();
            },
            "127.0.0.1",
            0);
        using var peer = ConnectSocket(server);
        await served;
        Assert.Equal("12"u8, Receive(peer));
    });

    [Theory]
    [InlineData("close")]
    [InlineData("eof")]
    [InlineData("abort")]
    [InlineData("throw")]
    public void However_the_step_ends_they_are_sent(string how) => Run(async () =>
    {
        var server = new Recorder();
        server.Then = happened =>
        {
            if (happened != "data")
                return;
            server.Transport.PauseReading(); // there is nothing unread, which would reset the connection
            server.Transport.Write("1"u8);
            server.Transport.Write("2"u8);
            if (how == "close")
                server.Transport.Close();
            else if (how == "eof")
                server.Transport.WriteEof();
            else if (how == "abort")
                server.Transport.Abort();
            else
                Loop.CallSoon(() =>
                {
                    server.Transport.Write("3"u8);
                    throw new FormatException("thrown behind a write");
                });
        };
        await using var listener = await ServeAsync(() => server);
        using var peer = ConnectSocket(listener);
        peer.Send("?"u8);
        var expected = how == "throw" ? "123" : "12";
        await Until(() => peer.Available == expected.Length);
        Assert.Equal(Bytes(expected), Receive(peer));
        if (how == "throw")
            Assert.IsType<FormatException>(Assert.Single(Reports()).Exception);
        server.Transport.Abort();
        await Until(() => server.IsLost);
    });

    [Fact]
    public void They_are_sent_before_a_file() => OnPeer(async (transport, peer) =>
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "file");
            using var file = File.OpenRead(path);
            transport.Write("header "u8);
            Assert.Equal(4, await Loop.SendFileAsync(transport, file));
            Assert.Equal("header file"u8, Receive(peer));
        }
        finally
        {
            File.Delete(path);
        }
    });

    [Fact]
    public void Between_two_runs_of_the_loop_a_write_is_sent_at_once()
    {
        Recorder server = new();
        Server? listener = null;
        Socket? peer = null;
        Run(async () =>
        {
            listener = await ServeAsync(() => server);
            peer = ConnectSocket(listener);
            await Until(() => server.Transport is not null);
        });
        using var _ = peer;
        server.Transport.Write("now"u8);
        Assert.Equal(0, server.Transport.WriteBufferSize);
        Assert.Equal("now"u8, Receive(peer!));
        Run(async () =>
        {
            server.Transport.Abort();
            await listener!.DisposeAsync();
            await Until(() => server.IsLost);
        });
    }

    [Fact]
    public void Who_writes_too_much_in_small_pieces_is_told_to_pause_and_loses_nothing() => Run(async () =>
    {
        var (client, server) = (new Recorder(), new Recorder());
        await JoinAsync(client, server, async _ =>
        {
            server.Transport.PauseReading();
            client.Transport.SetWriteBufferLimits(high: 0);
            var size = 0;
            while (!client.IsPaused)
            {
                for (var i = 0; i < 1000 && !client.IsPaused; i++, size += 100)
                    client.Transport.Write(Enumerable.Repeat((byte)(size / 100), 100).ToArray());
                await Asyncio.Yield();
            }
            Assert.NotEqual(0, client.Transport.WriteBufferSize);

            server.Transport.ResumeReading();
            await Until(() => server.DataCount == size && !client.IsPaused);
            Assert.Equal(Enumerable.Range(0, size).Select(i => (byte)(i / 100)), server.Data);
        });
    });

    // A connection whose other side is a socket of its own.
    private void OnPeer(Func<Transport, Socket, Coroutine> body) => Run(() => OnPeerAsync(body));

    private async Coroutine OnPeerAsync(Func<Transport, Socket, Coroutine> body)
    {
        var server = new Recorder();
        await using var listener = await ServeAsync(() => server);
        using var peer = ConnectSocket(listener);
        await Until(() => server.Transport is not null);
        await body(server.Transport, peer);
        server.Transport.Abort();
        await Until(() => server.IsLost);
    }

    // What has come by now.
    private static byte[] Receive(Socket peer)
    {
        var buffer = new byte[peer.Available];
        return buffer.Length == 0 ? buffer : buffer[..peer.Receive(buffer)];
    }
}
