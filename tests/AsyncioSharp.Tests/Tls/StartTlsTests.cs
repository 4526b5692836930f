using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Tls;

/// <summary>Plain connections that become TLS connections.</summary>
public abstract class StartTlsTests(EventLoop loop) : OnTls(loop)
{
    private static readonly byte[] s_hello = Enumerable.Repeat((byte)'1', 100 * 1024).ToArray();

    [Fact]
    [CPythonTest("test_ssl.py", "TestSSL", "test_start_tls_client_reg_proto_1")]
    [CPythonTest("test_sslproto.py", "BaseStartTLS", "test_start_tls_client_reg_proto_1")]
    public void A_client_with_a_protocol_upgrades() => Run(async () =>
    {
        using var peer = new BlockingPeer(static stream =>
        {
            Assert.Equal(s_hello, BlockingPeer.Read(stream, s_hello.Length));
            using var tls = BlockingPeer.Serve(stream);
            tls.Write("O"u8);
            Assert.Equal(s_hello, BlockingPeer.Read(tls, s_hello.Length));
        });
        var client = new Recorder();
        var plain = await ConnectPlainAsync(peer.Port, client);

        plain.Write(s_hello);
        var transport = await Loop.StartTlsAsync(plain, client, Certificates.Client);
        await Until(() => client.DataCount == 1);
        transport.Write(s_hello);
        await Until(() => client.IsLost);

        Assert.Equal("made data eof lost", client.Events);
        Assert.Same(client, transport.GetProtocol());
        await peer.Done;
    });

    [Fact]
    [CPythonTest("test_ssl.py", "TestSSL", "test_start_tls_client_buf_proto_1")]
    [CPythonTest("test_sslproto.py", "BaseStartTLS", "test_start_tls_client_buf_proto_1")]
    public void A_client_with_a_buffered_protocol_upgrades_and_then_exchanges_it() => Run(async () =>
    {
        using var peer = new BlockingPeer(static stream =>
        {
            Assert.Equal(s_hello, BlockingPeer.Read(stream, s_hello.Length));
            using var tls = BlockingPeer.Serve(stream);
            tls.Write("O"u8);
            Assert.Equal(s_hello, BlockingPeer.Read(tls, s_hello.Length));
            tls.Write("2"u8);
            Assert.Equal(s_hello, BlockingPeer.Read(tls, s_hello.Length));
        });
        var (first, second) = (new BufferedRecorder(1), new Recorder());
        var plain = await ConnectPlainAsync(peer.Port, first);

        plain.Write(s_hello);
        var transport = await Loop.StartTlsAsync(plain, first, Certificates.Client);
        await Until(() => first.Data.Count == 1);
        transport.Write(s_hello);
        transport.SetProtocol(second);
        second.ConnectionMade(transport);
        await Until(() => second.DataCount == 1);
        transport.Write(s_hello);
        await Until(() => second.IsLost);

        Assert.Equal("O"u8.ToArray(), first.Data);
        Assert.Equal("made data eof lost", second.Events);
        await peer.Done;
    });

    [Fact]
    [CPythonTest("test_ssl.py", "TestSSL", "test_start_tls_server_1")]
    [CPythonTest("test_sslproto.py", "BaseStartTLS", "test_start_tls_server_1")]
    public void A_server_upgrades() => Run(async () =>
    {
        var protocol = new Recorder();
        protocol.Then = happened =>
        {
            if (happened == "made")
                protocol.Transport.PauseReading(); // what comes is TLS's
        };
        await using var server = await ServeAsync(() => protocol);
        var peer = BlockingPeer.Connect(server, static stream =>
        {
            using var tls = BlockingPeer.Connect(stream);
            tls.Write("hello"u8);
            Assert.Equal("back"u8.ToArray(), BlockingPeer.Read(tls, 4));
        });
        await Until(() => protocol.Transport is not null);

        var transport = await Loop.StartTlsAsync(protocol.Transport, protocol, Certificates.Server);
        await Until(() => protocol.DataCount == 5);
        transport.Write("back"u8);
        await peer;
        await Until(() => protocol.IsLost);

        Assert.Equal("hello"u8.ToArray(), protocol.Data);
    });

    [Fact]
    [CPythonTest("test_ssl.py", "TestSSL", "test_start_tls_slow_client_cancel")]
    [CPythonTest("test_sslproto.py", "BaseStartTLS", "test_start_tls_slow_client_cancel")]
    public void An_upgrade_can_be_cancelled_which_ends_the_connection() => Run(async () =>
    {
        using var peer = new BlockingPeer(static stream => BlockingPeer.Drain(stream));
        var client = new Recorder();
        var plain = await ConnectPlainAsync(peer.Port, client);
        plain.Write(s_hello);

        await Expect.ThrowsAsync<TimeoutException>(async () =>
            await Asyncio.WaitFor(Loop.StartTlsAsync(plain, client, Certificates.Client), TimeSpan.FromMilliseconds(20)));

        await Until(() => client.IsLost);
        Assert.Equal("made lost", client.Events);
        await peer.Done;
    });

    [Fact]
    public void An_upgrade_that_comes_too_late_loses_nothing_that_was_received() => Run(async () =>
    {
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            writer.Write("received before"u8);
            await reader.WaitForDataAsync(); // and leaves it there
            await writer.WaitClosedAsync();
        });
        var (reader, writer) = await ConnectAsync(server);
        await reader.WaitForDataAsync();
        Assert.Equal("received"u8.ToArray(), await reader.ReadExactlyAsync(8));
        writer.Transport.SetWriteBufferLimits(high: 100_000_000);
        writer.Write(new byte[20_000_000]); // so that it is closing for a while
        writer.Close();
        await Expect.ThrowsAsync<InvalidOperationException>(writer.StartTlsAsync(Certificates.Client));
        Assert.Equal(" before"u8.ToArray(), await reader.ReadExactlyAsync(7));
        writer.Transport.Abort();
        server.AbortClients();
    });

    [Fact]
    public void A_protocol_learns_that_its_connection_is_lost_as_the_upgrade_failed() => Run(async () =>
    {
        using var peer = new BlockingPeer(static stream =>
        {
            stream.Write("500 no TLS today\r\n"u8);
            BlockingPeer.Drain(stream);
        });
        var client = new Recorder();
        client.Then = happened =>
        {
            if (happened == "made")
                client.Transport.PauseReading(); // what comes is TLS's
        };
        var plain = await ConnectPlainAsync(peer.Port, client);

        var e = await Expect.ThrowsAsync<System.Security.Authentication.AuthenticationException>(
            async () => await Loop.StartTlsAsync(plain, client, Certificates.Client));

        await Until(() => client.IsLost);
        Assert.Same(e, client.Reason);
        Assert.True(plain.IsClosing);
    });

    [Fact]
    public void A_failed_upgrade_of_streams_is_told_to_whoever_reads() => Run(async () =>
    {
        using var peer = new BlockingPeer(static stream =>
        {
            stream.Write("500 no TLS today\r\n"u8);
            BlockingPeer.Drain(stream);
        });
        var (reader, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", peer.Port);

        var e = await Expect.ThrowsAsync<System.Security.Authentication.AuthenticationException>(
            async () => await writer.StartTlsAsync(Certificates.Client));

        Assert.Same(e, await Expect.ThrowsAsync<System.Security.Authentication.AuthenticationException>(async () => await reader.ReadAsync()));
        await writer.DisposeAsync();
    });

    [Fact]
    [CPythonTest("test_sslproto.py", "BaseStartTLS", "test_start_tls_wrong_args")]
    public void What_cannot_be_upgraded_is_refused_at_once() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync);
        var client = new Recorder();
        var (transport, _) = await ConnectAsync(server, () => client);
        System.Net.Security.SslClientAuthenticationOptions none = null!;

        Assert.Throws<ArgumentNullException>("options", () => { _ = Loop.StartTlsAsync(transport, client, none); });
        Assert.Throws<ArgumentNullException>("transport", () => { _ = Loop.StartTlsAsync(null!, client, Certificates.Client); });
        Assert.Throws<ArgumentNullException>("protocol", () => { _ = Loop.StartTlsAsync(transport, null!, Certificates.Client); });
        transport.Close();
        Assert.Contains("closed", Assert.Throws<InvalidOperationException>(
            () => { _ = Loop.StartTlsAsync(transport, client, Certificates.Client); }).Message, StringComparison.Ordinal);
    });

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_start_tls_buffered_data")]
    public void What_was_received_before_counts_as_part_of_the_handshake() => Run(async () =>
    {
        using var peer = new BlockingPeer(static stream =>
        {
            BlockingPeer.Read(stream, 1);
            stream.Write("go\ninjected\n"u8);
            BlockingPeer.Drain(stream);
        });
        var (reader, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", peer.Port);
        writer.Write("x"u8);
        Assert.Equal("go\n"u8.ToArray(), await reader.ReadLineAsync());

        await Expect.ThrowsAsync<System.Security.Authentication.AuthenticationException>(async () => await writer.StartTlsAsync(Certificates.Client));

        await writer.DisposeAsync();
    });

    [Fact]
    public void A_hello_that_was_received_before_is_answered() => Run(async () =>
    {
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await Until(() =>
                reader.ToString().Contains("bytes", StringComparison.Ordinal) && !reader.ToString().Contains(" 0 bytes", StringComparison.Ordinal));
            await writer.StartTlsAsync(Certificates.Server);
            await EchoAsync(reader, writer);
        });

        await BlockingPeer.Connect(server, static stream =>
        {
            using var tls = BlockingPeer.Connect(stream);
            tls.Write("secret"u8);
            Assert.Equal("secret"u8.ToArray(), BlockingPeer.Read(tls, 6));
        });
    });

    [Fact]
    public void An_upgrade_that_is_awaited_after_the_end_fails() => Run(async () =>
    {
        await using var server = await ServeAsync(() => new Recorder());
        var client = new Recorder();
        var plain = await ConnectPlainAsync(Port(server), client);
        var upgrade = Loop.StartTlsAsync(plain, client, Certificates.Client);
        plain.Abort();
        await Until(() => client.IsLost);

        await Expect.ThrowsAsync<InvalidOperationException>(upgrade);
    });

    [Fact]
    public void A_protocol_that_was_held_up_before_the_upgrade_goes_on_after_it() => Run(async () =>
    {
        using var gate = new ManualResetEventSlim();
        using var peer = new BlockingPeer(stream =>
        {
            gate.Wait();
            BlockingPeer.Read(stream, 10_000_000);
            using var tls = BlockingPeer.Serve(stream);
            BlockingPeer.Drain(tls);
        });
        var client = new Recorder();
        var plain = await ConnectPlainAsync(peer.Port, client);
        plain.Write(new byte[10_000_000]);
        Assert.True(client.IsPaused);
        gate.Set();

        var transport = await Loop.StartTlsAsync(plain, client, Certificates.Client);

        Assert.False(client.IsPaused);
        transport.Close();
        await Until(() => client.IsLost);
        Assert.Equal("made pause resume lost", client.Events);
    });
}

public sealed class EpollStartTlsTests() : StartTlsTests(new EpollEventLoop());

public sealed class IoUringStartTlsTests() : StartTlsTests(IoUring.NewLoop());

public sealed class PortableStartTlsTests() : StartTlsTests(new PortableEventLoop());
