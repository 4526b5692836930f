using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Transports;

/// <summary>Transports over a real connection, and the order in which their protocols are told what happens.</summary>
public abstract partial class TransportTests(EventLoop loop) : OnNetwork(loop)
{
    private static byte[] Bytes(string text) => System.Text.Encoding.ASCII.GetBytes(text);

    // Two protocols joined by a connection.
    private async Coroutine JoinAsync(Recorder client, Recorder server, Func<Server, Coroutine> body)
    {
        await using var listener = await ServeAsync(() => server);
        await ConnectAsync(listener, () => client);
        await Until(() => server.Transport is not null);
        await body(listener);
        client.Transport.Abort();
        server.Transport!.Abort();
        await Until(() => client.IsLost && server.IsLost);
    }

    [Fact]
    public void What_comes_behind_urgent_data_is_not_forgotten() => Run(async () =>
    {
        var protocol = new Recorder();
        await using var server = await ServeAsync(() => protocol);
        using var peer = ConnectSocket(server);
        await Until(() => protocol.Transport is not null);

        peer.Send("ab"u8);
        peer.Send("!"u8, SocketFlags.OutOfBand); // where a receive stops, however much is there
        peer.Send("cd"u8);

        await Until(() => protocol.DataCount == 4);
        Assert.Equal("abcd"u8.ToArray(), protocol.Data);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_protocol_that_wants_to_know_is_told_that_the_loop_closes_with_its_connection(bool fails)
    {
        var (protocols, open) = (new List<Informed>(), 0);
        Loop.Debug = true; // in which others would be reported
        Run(async () =>
        {
            var server = await ServeAsync(Make);
            await ConnectAsync(server, Make);
            await Until(() => open == 2);
            server.Close();
        });
        Assert.Equal([0, 0], protocols.Select(protocol => protocol.Told));

        Loop.Close();

        Assert.Equal([1, 1], protocols.Select(protocol => protocol.Told));
        Assert.Equal(fails ? 2 : 0, Reports().Count(report => report.Exception is FormatException));

        Informed Make()
        {
            protocols.Add(new Informed(() => open++, fails));
            return protocols[^1];
        }
    }

    private sealed class Informed(Action made, bool fails) : Protocol
    {
        public int Told { get; private set; }

        public override void ConnectionMade(Transport transport) => made();

        public override void ConnectionLost(Exception? exception) => Assert.Fail("It was not lost.");

        protected override bool EndsWithLoop()
        {
            Told++;
            return fails ? throw new FormatException() : true;
        }
    }

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_ctor_with_waiter")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_read_ready_eof")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_read_ready")]
    [CPythonTest("test_selector_events.py", "SelectorTransportTests", "test_close")]
    [CPythonTest("test_selector_events.py", "SelectorTransportTests", "test_connection_lost")]
    [CPythonTest("test_selector_events.py", "SelectorTransportTests", "test_ctor")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_ctor")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write")]
    [CPythonTest("test_selector_events.py", "BaseSelectorEventLoopTests", "test_make_socket_transport")]
    public void A_protocol_is_told_everything_in_order() => Run(async () =>
    {
        var (client, server) = (new Recorder(), new Recorder());
        await JoinAsync(client, server, async _ =>
        {
            client.Transport.Write("hello"u8);
            client.Transport.Close();
            client.Transport.Close();
            Assert.True(client.Transport.IsClosing);
            Assert.False(client.IsLost);
            await Until(() => server.IsLost);
        });

        Assert.Equal("made data eof lost", server.Events);
        Assert.Equal("made lost", client.Events);
        Assert.Null(server.Reason);
        Assert.Null(client.Reason);
        Assert.Equal(Bytes("hello"), server.Data);
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_read_ready_eof_keep_open")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write_eof")]
    public void A_protocol_can_keep_the_connection_open_after_the_peers_end() => Run(async () =>
    {
        var (client, server) = (new Recorder(), new Recorder { KeepOpen = true });
        await JoinAsync(client, server, async _ =>
        {
            client.Transport.WriteEof();
            await Until(() => server.Events == "made eof");
            Assert.False(server.Transport.IsClosing);
            Assert.False(server.Transport.IsReading);

            server.Transport.Write("bye"u8);
            server.Transport.Close();
            await Until(() => client.IsLost);
        });

        Assert.Equal("made data eof lost", client.Events);
        Assert.Equal(Bytes("bye"), client.Data);
        Assert.Equal("made eof lost", server.Events);
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write_eof_buffer")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write_ready_closing")]
    [CPythonTest("test_selector_events.py", "SelectorTransportTests", "test_close_write_buffer")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write_ready")]
    public void What_was_written_is_sent_before_the_end() => Run(async () =>
    {
        foreach (var close in new[] { false, true })
        {
            var (client, server) = (new Recorder(), new Recorder());
            await JoinAsync(client, server, async _ =>
            {
                server.Transport.PauseReading();
                var size = FillUp(client.Transport);
                if (close)
                    client.Transport.Close();
                else
                    client.Transport.WriteEof();
                client.Transport.WriteEof();
                await Expect.Turns(5);
                Assert.False(client.IsLost);

                server.Transport.ResumeReading();
                await Until(() => server.IsLost);
                Assert.Equal(size, server.DataCount);
            });
            Assert.Equal("made data eof lost", server.Events);
        }
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write_eof_after_close")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write_closing")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write_buffer_after_close")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_writelines_after_connection_lost")]
    public void After_closing_data_is_dropped_and_an_end_ignored() => Run(async () =>
    {
        var (client, server) = (new Recorder(), new Recorder());
        await JoinAsync(client, server, async _ =>
        {
            client.Transport.Close();
            client.Transport.WriteEof();
            client.Transport.Write("dropped"u8);
            await Until(() => client.IsLost && server.IsLost);
            client.Transport.Write("dropped"u8);
            client.Transport.WriteLines([Bytes("dropped")]);
            client.Transport.Close();
            client.Transport.Abort();
            client.Transport.PauseReading();
            client.Transport.ResumeReading();
        });

        Assert.Empty(server.Data);
        Assert.Equal("made lost", client.Events);
    });

    [Fact]
    public void Nothing_can_be_written_after_the_end() => Run(async () =>
    {
        var (client, server) = (new Recorder(), new Recorder());
        await JoinAsync(client, server, _ =>
        {
            client.Transport.WriteEof();
            var failure = Assert.Throws<InvalidOperationException>(() => client.Transport.Write("x"u8));
            Assert.Equal("WriteEof was called: nothing can be written after the end.", failure.Message);
            return Coroutine.Completed;
        });
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorTransportTests", "test_abort")]
    [CPythonTest("test_selector_events.py", "SelectorTransportTests", "test_force_close")]
    public void Aborting_drops_what_was_not_sent() => Run(async () =>
    {
        var (client, server) = (new Recorder(), new Recorder());
        await JoinAsync(client, server, async _ =>
        {
            server.Transport.PauseReading();
            var size = FillUp(client.Transport);
            client.Transport.Abort();
            Assert.True(client.Transport.IsClosing);
            Assert.False(client.IsLost);
            Assert.Equal(0, client.Transport.WriteBufferSize);

            server.Transport.ResumeReading();
            await Until(() => client.IsLost && server.IsLost);
            Assert.True(server.DataCount < size);
        });
        Assert.Equal("made pause lost", client.Events);
        Assert.Null(client.Reason);
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_pause_resume_reading")]
    public void Reading_can_be_paused_and_resumed_any_number_of_times() => Run(async () =>
    {
        var (client, server) = (new Recorder(), new Recorder());
        await JoinAsync(client, server, async _ =>
        {
            Assert.True(server.Transport.IsReading);
            server.Transport.PauseReading();
            server.Transport.PauseReading();
            Assert.False(server.Transport.IsReading);
            client.Transport.Write("held"u8);
            await PassAsync(client, server);
            Assert.Empty(server.Data);

            server.Transport.ResumeReading();
            server.Transport.ResumeReading();
            Assert.True(server.Transport.IsReading);
            Assert.Empty(server.Data); // not at once, but in its turn
            await Until(() => server.DataCount == 4);

            server.Transport.Close();
            Assert.False(server.Transport.IsReading);
            server.Transport.PauseReading();
            server.Transport.ResumeReading();
            Assert.False(server.Transport.IsReading);
        });
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_pause_reading_connection_made")]
    public void Reading_paused_as_the_connection_is_made_stays_paused() => Run(async () =>
    {
        var (client, server) = (new Recorder(), new Recorder());
        server.Then = happened =>
        {
            if (happened == "made")
                server.Transport.PauseReading();
        };
        await JoinAsync(client, server, async _ =>
        {
            client.Transport.Write("held"u8);
            await PassAsync(client, server);
            Assert.Equal("made", server.Events);
            Assert.False(server.Transport.IsReading);

            server.Transport.ResumeReading();
            await Until(() => server.DataCount == 4);
        });
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_read_ready_conn_reset")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_read_ready_err")]
    [CPythonTest("test_selector_events.py", "SelectorTransportTests", "test_fatal_error")]
    public void A_reset_is_the_reason_of_the_loss() => Run(async () =>
    {
        var server = new Recorder();
        await using var listener = await ServeAsync(() => server);

        Reset(ConnectSocket(listener));
        await Until(() => server.IsLost);

        Assert.Equal("made lost", server.Events);
        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(server.Reason).SocketErrorCode);
        Assert.StartsWith("Receiving failed: ", server.Reason!.Message);
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write_ready_exception")]
    public void A_reset_while_data_waits_is_the_reason_too() => Run(async () =>
    {
        var server = new Recorder();
        await using var listener = await ServeAsync(() => server);
        var peer = ConnectSocket(listener);
        await Until(() => server.Transport is not null);
        FillUp(server.Transport);
        server.Transport.PauseReading();

        Reset(peer);
        await Until(() => server.IsLost);

        Assert.IsType<SocketException>(server.Reason);
        Assert.Equal("made pause lost", server.Events);
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write_exception")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write_sendmsg_OSError")]
    public void A_write_that_fails_ends_the_connection_and_does_not_throw() => Run(async () =>
    {
        var server = new Recorder();
        await using var listener = await ServeAsync(() => server);
        var peer = ConnectSocket(listener);
        await Until(() => server.Transport is not null);
        server.Transport.PauseReading();
        Reset(peer);

        server.Transport.Write("x"u8); // the system may notice only now
        server.Transport.Write("x"u8);
        Assert.True(server.Transport.IsClosing);
        Assert.False(server.IsLost);
        server.Transport.Write("x"u8);
        await Until(() => server.IsLost);

        Assert.IsType<SocketException>(server.Reason);
        Assert.StartsWith("Sending failed: ", server.Reason!.Message);
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write_no_data")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write_sendmsg_no_data")]
    public void Writing_nothing_does_nothing() => Run(async () =>
    {
        var (client, server) = (new Recorder(), new Recorder());
        await JoinAsync(client, server, async _ =>
        {
            client.Transport.Write([]);
            client.Transport.WriteLines([]);
            client.Transport.WriteLines([ReadOnlyMemory<byte>.Empty]);
            Assert.Equal(0, client.Transport.WriteBufferSize);
            server.Transport.PauseReading();
            FillUp(client.Transport);
            var size = client.Transport.WriteBufferSize;
            client.Transport.Write([]);
            Assert.Equal(size, client.Transport.WriteBufferSize);
            await PassAsync(client, server);
        });
    });

    [Theory]
    [InlineData("made")]
    [InlineData("data")]
    [InlineData("eof")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_data_received_error")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_read_eof_received_error")]
    [CPythonTest("test_selector_events.py", "SelectorTransportTests", "test_fatal_error_custom_exception")]
    public void A_protocol_that_fails_is_reported_and_its_connection_closed(string call) => Run(async () =>
    {
        var server = new Recorder { FailsAt = call };
        await using var listener = await ServeAsync(() => server);
        var (transport, client) = await ConnectAsync(listener, () => new Recorder());
        transport.Write("x"u8);
        transport.WriteEof();

        await Until(() => server.IsLost && client.IsLost);

        var report = Assert.Single(Reports());
        Assert.Equal(call, Assert.IsType<DivideByZeroException>(report.Exception).Message);
        Assert.Same(server.Transport, report.Source);
        Assert.Same(report.Exception, server.Reason);
    });

    [Fact]
    public void A_protocol_that_fails_at_the_end_is_reported() => Run(async () =>
    {
        var server = new Recorder { FailsAt = "lost" };
        await using var listener = await ServeAsync(() => server);
        var (transport, client) = await ConnectAsync(listener, () => new Recorder());

        transport.Close();
        await Until(() => client.IsLost && server.IsLost && listener.ClientCount == 0);

        Assert.Single(Reports());
    });

    [Fact]
    public void A_connection_whose_protocol_fails_at_once_is_not_made() => Run(async () =>
    {
        await using var listener = await ServeAsync(() => new Recorder());
        var client = new Recorder { FailsAt = "made" };

        await Expect.ThrowsAsync<DivideByZeroException>(async () => await ConnectAsync(listener, () => client));

        await Until(() => client.IsLost);
        Assert.Equal("made lost", client.Events);
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportBufferedProtocolTests", "test_proto_type_switch")]
    public void The_protocol_can_be_exchanged_for_one_of_another_kind() => Run(async () =>
    {
        var (client, server) = (new Recorder(), new Recorder());
        await JoinAsync(client, server, async _ =>
        {
            client.Transport.Write("one"u8);
            await Until(() => server.DataCount == 3);

            var buffered = new BufferedRecorder(2);
            server.Transport.SetProtocol(buffered);
            Assert.Same(buffered, server.Transport.GetProtocol());
            client.Transport.Write("two"u8);
            await Until(() => buffered.Data.Count == 3);

            server.Transport.SetProtocol(server);
            client.Transport.Write("three"u8);
            await Until(() => server.DataCount == 8);
            Assert.Equal(Bytes("two"), buffered.Data);
        });
        Assert.Equal(Bytes("onethree"), server.Data);
    });

    [Fact]
    public void The_protocol_can_be_exchanged_while_it_is_told_something() => Run(async () =>
    {
        var (client, first) = (new Recorder(), new Recorder());
        var (second, third) = (new BufferedRecorder(3), new Recorder { KeepOpen = true });
        first.Then = happened =>
        {
            if (happened == "data")
                first.Transport.SetProtocol(second);
        };
        await JoinAsync(client, first, async _ =>
        {
            client.Transport.Write("a"u8);
            await Until(() => first.DataCount == 1);
            client.Transport.Write("bcdef"u8);
            await Until(() => second.Data.Count == 5);
            first.Transport.SetProtocol(third);
            client.Transport.WriteEof();
            await Until(() => third.Events == "eof");
            first.Transport.SetProtocol(first); // which the end is told
        });

        Assert.Equal("made data lost", first.Events);
        Assert.Equal("eof", third.Events);
        Assert.False(second.IsAtEof);
        Assert.False(second.IsLost);
        Assert.Equal(Bytes("a"), first.Data);
    });

    [Fact]
    public void A_protocol_can_give_way_to_streams() => Run(async () =>
    {
        var (client, server) = (new Recorder(), new Recorder());
        await JoinAsync(client, server, async _ =>
        {
            client.Transport.Write("upgrade"u8);
            await Until(() => server.DataCount == 7);
            var reader = new AsyncStreamReader();
            var streams = new StreamReaderProtocol(reader);
            server.Transport.SetProtocol(streams);
            streams.ConnectionMade(server.Transport);
            await using var writer = new AsyncStreamWriter(server.Transport, streams, reader);

            client.Transport.Write("line\n"u8);
            Assert.Equal(Bytes("line\n"), await reader.ReadLineAsync());
            writer.Write("answer"u8);
            await Until(() => client.DataCount == 6);
            server.Transport.SetProtocol(server);
            streams.ConnectionLost(null);
        });
        Assert.Equal(Bytes("upgrade"), server.Data);
    });

    [Fact]
    public void Who_the_peer_was_is_known_after_the_end() => Run(async () =>
    {
        var (client, server) = (new Recorder(), new Recorder());
        await JoinAsync(client, server, static _ => Coroutine.Completed);

        Assert.NotNull(server.Transport.RemoteEndPoint);
        Assert.NotNull(client.Transport.RemoteEndPoint);
        Assert.Null(server.Transport.Socket);
        Assert.True(server.Transport.IsClosing);
    });

    // Lets data that is on its way arrive, by sending some the other way and back.
    private static async Coroutine PassAsync(Recorder client, Recorder server)
    {
        var count = client.DataCount + 1;
        server.Transport.Write("p"u8);
        await Until(() => client.DataCount == count);
        await Expect.Turns(2);
    }

    // Writes until the protocol is asked to stop, and says how much that was.
    private static int FillUp(Transport transport)
    {
        var data = new byte[256 * 1024];
        var size = 0;
        while (transport.WriteBufferSize <= transport.WriteBufferLimits.High)
        {
            transport.Write(data);
            size += data.Length;
        }
        return size;
    }
}

public sealed class EpollTransportTests() : TransportTests(new EpollEventLoop());

public sealed class IoUringTransportTests() : TransportTests(IoUring.NewLoop());

public sealed class PortableTransportTests() : TransportTests(new PortableEventLoop());
