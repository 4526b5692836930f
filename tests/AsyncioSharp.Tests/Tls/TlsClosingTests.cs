using System.Net.Sockets;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Tls;

/// <summary>The end of TLS connections, orderly and otherwise.</summary>
public abstract class TlsClosingTests(EventLoop loop) : OnTls(loop)
{
    private static readonly byte[] s_much = Enumerable.Repeat((byte)'x', 32 * 1024 * 1024).ToArray();

    [Fact]
    public void A_server_can_close_a_connection_that_it_accepted_a_moment_ago() => Run(async () =>
    {
        var protocol = new Recorder();
        Server? server = null;
        server = await ServeAsync(() =>
        {
            Loop.CallSoon(() => server!.CloseClients()); // before the connection's first turn
            return protocol;
        }, Serving);
        using var socket = ConnectSocket(server);
        Assert.Equal(0, await Asyncio.ToThread(() => socket.Receive(new byte[1])));
        await Until(() => server.ClientCount == 0);
        Assert.Equal("", protocol.Events);
        await server.DisposeAsync();
    });

    [Fact]
    [CPythonTest("test_ssl.py", "TestSSL", "test_flush_before_shutdown")]
    public void What_was_written_is_sent_before_the_end() => Run(async () =>
    {
        using var gate = new ManualResetEventSlim();
        using var peer = new BlockingPeer(stream =>
        {
            using var tls = BlockingPeer.Serve(stream);
            gate.Wait();
            Assert.Equal(s_much.Length, BlockingPeer.Drain(tls));
        });
        var (_, writer) = await ConnectAsync(peer.Port);

        writer.Write(s_much);
        writer.Close();
        Assert.NotEqual(0, writer.Transport.WriteBufferSize);
        gate.Set();

        await writer.WaitClosedAsync();
        await peer.Done;
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [CPythonTest("test_ssl.py", "TestSSL", "test_remote_shutdown_receives_trailing_data")]
    [CPythonTest("test_ssl.py", "TestSSL", "test_remote_shutdown_receives_trailing_data_on_slow_socket")]
    public void A_peer_that_has_ended_its_side_still_gets_what_was_written(bool says) => Run(async () =>
    {
        using var gate = new ManualResetEventSlim();
        using var peer = new BlockingPeer(stream =>
        {
            using var tls = BlockingPeer.Serve(stream);
            Assert.Equal("ping"u8.ToArray(), BlockingPeer.Read(tls, 4));
            gate.Wait();
            if (says)
                BlockingPeer.SendCloseNotify(tls);
            else
                stream.Socket.Shutdown(SocketShutdown.Send);
            Assert.Equal(s_much.Length, BlockingPeer.Drain(tls)); // and our close_notify behind it
        });
        var (reader, writer) = await ConnectAsync(peer.Port);

        writer.Write("ping"u8);
        writer.Write(s_much);
        gate.Set();

        Assert.Empty(await reader.ReadAsync());
        await writer.WaitClosedAsync(); // the end of the peer's side ends ours
        await peer.Done;
    });

    [Fact]
    [CPythonTest("test_ssl.py", "TestSSL", "test_shutdown_timeout_handler_not_set")]
    public void What_came_while_reading_was_paused_is_delivered_although_the_peer_has_ended() => Run(async () =>
    {
        using var peer = new BlockingPeer(static stream =>
        {
            using var tls = BlockingPeer.Serve(stream);
            tls.Write("hello"u8);
            Assert.Equal("world"u8.ToArray(), BlockingPeer.Read(tls, 5));
            tls.Write("extra bytes"u8);
            stream.Socket.Shutdown(SocketShutdown.Send);
            Assert.Equal(0, BlockingPeer.Drain(tls));
        });
        var client = new Recorder();
        client.Then = happened =>
        {
            if (happened != "data" || client.DataCount != 5)
                return;
            client.Transport.Write("world"u8);
            client.Transport.PauseReading();
        };

        var (transport, _) = await ConnectAsync(peer.Port, client);
        await Until(() => client.DataCount == 5);
        Assert.False(transport.IsReading);
        await Asyncio.Sleep(TimeSpan.FromMilliseconds(20)); // the peer's end arrives, or not yet: it makes no difference
        transport.ResumeReading();
        await Until(() => client.IsLost);

        Assert.Equal("helloextra bytes"u8.ToArray(), client.Data);
        Assert.Equal("made data eof lost", client.Events);
        Assert.Null(client.Reason);
        await peer.Done;
    });

    [Fact]
    public void A_peer_that_does_not_end_its_side_is_given_up() => Run(async () =>
    {
        using var gate = new ManualResetEventSlim();
        using var peer = new BlockingPeer(stream =>
        {
            using var tls = BlockingPeer.Serve(stream);
            gate.Wait();
        });
        var client = new Recorder();
        var (transport, _) = await ConnectAsync(peer.Port, client, Connecting with { TlsShutdownTimeout = TimeSpan.FromMilliseconds(20) });

        transport.Close();
        Assert.True(transport.IsClosing);
        await Until(() => client.IsLost);

        Assert.IsType<TimeoutException>(client.Reason);
        gate.Set();
        await peer.Done;
    });

    [Fact]
    [CPythonTest("test_sslproto.py", "SslProtoHandshakeTests", "test_data_received_after_closing")]
    [CPythonTest("test_sslproto.py", "SslProtoHandshakeTests", "test_write_after_closing")]
    public void After_closing_nothing_is_delivered_and_nothing_sent() => Run(async () =>
    {
        using var peer = new BlockingPeer(static stream =>
        {
            using var tls = BlockingPeer.Serve(stream);
            Assert.Equal("last"u8.ToArray(), BlockingPeer.Read(tls, 4));
            Assert.Equal(0, tls.Read(new byte[1]));
            tls.Write(s_much); // to somebody who does not listen any more
        });
        var client = new Recorder();
        var (transport, _) = await ConnectAsync(peer.Port, client);

        transport.Write("last"u8);
        transport.Close();
        transport.Write("data"u8);
        transport.Close();
        await Until(() => client.IsLost);

        Assert.Equal("made lost", client.Events);
        transport.Write("data"u8);
        transport.Close();
        transport.Abort();
        await peer.Done;
    });

    [Fact]
    public void Reading_can_be_paused_when_the_transport_was_closed() => Run(async () =>
    {
        using var peer = new BlockingPeer(static stream =>
        {
            using var tls = BlockingPeer.Serve(stream);
            Assert.Equal(0, BlockingPeer.Drain(tls));
            BlockingPeer.SendCloseNotify(tls);
        });
        var client = new Recorder();
        var (transport, _) = await ConnectAsync(peer.Port, client, Connecting with { TlsShutdownTimeout = TimeSpan.FromSeconds(5) });

        transport.Close();
        transport.PauseReading();
        await Until(() => client.IsLost);

        Assert.Null(client.Reason);
        await peer.Done;
    });

    [Theory]
    [InlineData("made")]
    [InlineData("data")]
    [InlineData("eof")]
    [InlineData("lost")]
    public void Any_call_may_close(string call) => End(call, static transport => transport.Close());

    [Theory]
    [InlineData("made")]
    [InlineData("data")]
    [InlineData("eof")]
    [InlineData("lost")]
    public void Any_call_may_abort(string call) => End(call, static transport => transport.Abort());

    [Theory]
    [InlineData("data")]
    [InlineData("eof")]
    [InlineData("lost")]
    public void A_protocol_that_fails_is_reported_and_loses_its_connection(string call) => Run(async () =>
    {
        var protocol = new Recorder { FailsAt = call };
        await using var server = await ServeAsync(() => protocol, Serving);
        await BlockingPeer.Connect(server, static stream =>
        {
            using var tls = BlockingPeer.Connect(stream);
            tls.Write("data"u8);
            BlockingPeer.SendCloseNotify(tls);
            try
            {
                BlockingPeer.Drain(tls);
            }
            catch (IOException)
            {
                // it was aborted
            }
        });
        await Until(() => protocol.IsLost);

        Assert.EndsWith(" lost", protocol.Events, StringComparison.Ordinal);
        Assert.Equal(call, Assert.Single(Reports()).Exception!.Message);
        if (call != "lost")
            Assert.IsType<DivideByZeroException>(protocol.Reason);
    });

    [Fact]
    [CPythonTest("test_ssl.py", "TestSSL", "test_start_tls_client_corrupted_ssl")]
    [CPythonTest("test_sslproto.py", "BaseStartTLS", "test_start_tls_client_corrupted_ssl")]
    public void Data_that_is_not_encrypted_breaks_the_connection() => Run(async () =>
    {
        using var peer = new BlockingPeer(static stream =>
        {
            using var tls = BlockingPeer.Serve(stream);
            tls.Write("A\n"u8);
            BlockingPeer.Read(tls, 1);
            stream.Write("please corrupt the SSL connection"u8);
        });
        var (reader, writer) = await ConnectAsync(peer.Port);

        Assert.Equal("A\n"u8.ToArray(), await reader.ReadLineAsync());
        writer.Write("B"u8);
        await Expect.ThrowsAsync<IOException>(async () => await reader.ReadLineAsync());
        await Expect.ThrowsAsync<IOException>(async () => await writer.WaitClosedAsync());
        await peer.Done;
    });

    [Fact]
    public void An_end_in_the_middle_of_a_record_is_an_error() => Run(async () =>
    {
        using var peer = new BlockingPeer(static stream =>
        {
            using var tls = BlockingPeer.Serve(stream);
            stream.Write([23, 3, 3, 0, 100, 1, 2, 3]); // a record of 100 bytes, three of them
        });
        var client = new Recorder();
        await ConnectAsync(peer.Port, client);
        await Until(() => client.IsLost);

        Assert.Equal("made lost", client.Events);
        Assert.IsType<IOException>(client.Reason);
    });

    [Fact]
    [CPythonTest("test_sslproto.py", "SslProtoHandshakeTests", "test_connection_lost_when_busy")]
    public void Whoever_writes_learns_that_the_connection_was_reset() => Run(async () =>
    {
        using var peer = new BlockingPeer(static stream =>
        {
            using var tls = BlockingPeer.Serve(stream);
            BlockingPeer.Read(tls, 1);
            Reset(stream.Socket);
        });
        var (_, writer) = await ConnectAsync(peer.Port);

        await Expect.ThrowsAsync<IOException>(async () =>
        {
            while (true)
            {
                writer.Write(s_much.AsSpan(0, 100_000));
                await writer.DrainAsync();
            }
        });
        await writer.DisposeAsync();
    });

    [Fact]
    [CPythonTest("test_sslproto.py", "SslProtoHandshakeTests", "test_close_during_ssl_over_ssl")]
    public void Closing_the_outer_of_two_layers_ends_the_inner_one() => Run(async () =>
    {
        await using var server = await ServeAsync(async (_, writer) =>
        {
            await writer.StartTlsAsync(Certificates.Server);
            await writer.WaitClosedAsync();
        }, Serving);
        var client = new Recorder();
        var (outer, _) = await Loop.CreateConnectionAsync(() => client, "127.0.0.1", Port(server), Connecting);
        var inner = await Loop.StartTlsAsync(outer, client, Certificates.Client);

        outer.Close();
        Assert.True(inner.IsClosing);
        await Until(() => client.IsLost);

        Assert.Equal("made lost", client.Events);
    });

    [Fact]
    [CPythonTest("test_sslproto.py", "SslProtoHandshakeTests", "test_get_extra_info_on_closed_connection")]
    public void A_connection_that_is_lost_has_no_socket_but_still_its_addresses() => Run(async () =>
    {
        await using var server = await ServeAsync(() => new Recorder(), Serving);
        var client = new Recorder();
        var (transport, _) = await Loop.CreateConnectionAsync(() => client, "127.0.0.1", Port(server), Connecting);
        var remote = transport.RemoteEndPoint;
        Assert.NotNull(transport.Socket);

        transport.Abort();
        await Until(() => client.IsLost);
        await Asyncio.Yield();

        Assert.Null(transport.Socket);
        Assert.Equal(remote, transport.RemoteEndPoint);
        Assert.NotNull(remote);
    });

    private void End(string call, Action<Transport> end) => Run(async () =>
    {
        var protocol = new Recorder();
        protocol.Then = happened =>
        {
            if (happened == call)
                end(protocol.Transport);
        };
        await using var server = await ServeAsync(() => protocol, Serving);
        await BlockingPeer.Connect(server, static stream =>
        {
            try
            {
                using var tls = BlockingPeer.Connect(stream);
                tls.Write("data"u8);
                tls.Write("more"u8);
                BlockingPeer.SendCloseNotify(tls);
                BlockingPeer.Drain(tls);
            }
            catch (IOException)
            {
                // it was aborted
            }
        });
        await Until(() => protocol.IsLost);

        Assert.EndsWith("lost", protocol.Events, StringComparison.Ordinal);
        Assert.StartsWith("made data eof lost"[..("made data eof lost".IndexOf(call, StringComparison.Ordinal) + call.Length)],
            protocol.Events, StringComparison.Ordinal);
        Assert.Null(protocol.Reason);
    });
}

public sealed class EpollTlsClosingTests() : TlsClosingTests(new EpollEventLoop());

public sealed class IoUringTlsClosingTests() : TlsClosingTests(IoUring.NewLoop());

public sealed class PortableTlsClosingTests() : TlsClosingTests(new PortableEventLoop());
