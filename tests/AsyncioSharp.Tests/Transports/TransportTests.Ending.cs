using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Transports;

// How a connection ends, and what its protocol is told of that.
public abstract partial class TransportTests
{
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
                var size = await FillUpForGoodAsync(client.Transport);
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
        server.Transport.Flush();
        server.Transport.Write("x"u8);
        server.Transport.Flush();
        Assert.True(server.Transport.IsClosing);
        Assert.False(server.IsLost);
        server.Transport.Write("x"u8);
        await Until(() => server.IsLost);

        Assert.IsType<SocketException>(server.Reason);
        Assert.StartsWith("Sending failed: ", server.Reason!.Message);
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_is_told_that_the_loop_closes_also_through_what_stands_between(bool sendsFile)
    {
        var (protocols, open) = (new List<Informed>(), 0);
        Loop.Debug = true;
        Run(async () =>
        {
            var server = await ServeAsync(Make, sendsFile ? null : new ServerOptions { Tls = Certificates.Server });
            var (transport, _) = await Loop.CreateConnectionAsync(
                Make, "127.0.0.1", Port(server), new ConnectionOptions { Tls = sendsFile ? null : Certificates.Client });
            await Until(() => open == 2);
            server.Close();
            if (!sendsFile)
                return;
            var sending = Asyncio.CreateTask(Loop.SendFileAsync(transport, new EndlessStream()));
            await Until(() => transport.GetProtocol() is not Informed);
            Assert.False(sending.IsCompleted);
        });

        Loop.Close();

        Assert.Equal([1, 1], protocols.Select(protocol => protocol.Told));
        Assert.DoesNotContain(Reports(), report => report.Kind == ReportKind.NeverClosed);

        Informed Make()
        {
            protocols.Add(new Informed(() => open++, fails: false));
            return protocols[^1];
        }
    }

    private sealed class EndlessStream : SequentialStream
    {
        public override int Read(byte[] buffer, int offset, int count) => count;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(new TaskCompletionSource<int>().Task);

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
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
}
