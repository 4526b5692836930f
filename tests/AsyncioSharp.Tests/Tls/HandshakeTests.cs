using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Tls;

/// <summary>The beginning of TLS connections, and how it fails.</summary>
public abstract class HandshakeTests(EventLoop loop) : OnTls(loop)
{
    [Fact]
    [CPythonTest("test_ssl.py", "TestSSL", "test_create_server_ssl_1")]
    public void Many_clients_are_served_at_once() => Run(async () =>
    {
        const int Count = 25;
        byte[] a = [.. Enumerable.Repeat((byte)'A', 100_000)], b = [.. Enumerable.Repeat((byte)'B', 100_000)];
        var served = 0;
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            Assert.Equal(a, await reader.ReadExactlyAsync(a.Length));
            writer.Write("OK"u8);
            Assert.Equal(b, await reader.ReadExactlyAsync(b.Length));
            writer.WriteLines(["SP"u8.ToArray(), "A"u8.ToArray(), "M"u8.ToArray()]);
            await writer.DisposeAsync();
            served++;
        }, Serving);

        var clients = Enumerable.Range(0, Count).Select(_ => BlockingPeer.Connect(server, stream =>
        {
            using var tls = BlockingPeer.Connect(stream);
            tls.Write(a);
            Assert.Equal("OK"u8.ToArray(), BlockingPeer.Read(tls, 2));
            tls.Write(b);
            Assert.Equal("SPAM"u8.ToArray(), BlockingPeer.Read(tls, 4));
            Assert.Equal(0, tls.Read(new byte[1]));
        })).ToArray();
        foreach (var client in clients)
            await client;

        await Until(() => served == Count);
    });

    [Fact]
    [CPythonTest("test_ssl.py", "TestSSL", "test_create_connection_ssl_1")]
    [CPythonTest("test_ssl.py", "TestSSL", "test_shutdown_cleanly")]
    [CPythonTest("test_streams.py", "StreamTests", "test_open_connection_no_loop_ssl")]
    public void Many_connections_are_made_at_once_and_end_in_order() => Run(async () =>
    {
        const int Count = 25;
        var a = Enumerable.Repeat((byte)'A', 100_000).ToArray();
        using var peer = new BlockingPeer(stream =>
        {
            using var tls = BlockingPeer.Serve(stream);
            Assert.Equal(a, BlockingPeer.Read(tls, a.Length));
            tls.Write("OK"u8);
            BlockingPeer.SendCloseNotify(tls);
            Assert.Equal(0, tls.Read(new byte[1])); // our close_notify
        }, Count);

        await Asyncio.Gather(Enumerable.Range(0, Count).Select(_ => ClientAsync()));
        await peer.Done;

        async Coroutine ClientAsync()
        {
            var (reader, writer) = await ConnectAsync(peer.Port);
            writer.Write(a);
            Assert.Equal("OK"u8.ToArray(), await reader.ReadExactlyAsync(2));
            Assert.Empty(await reader.ReadAsync());
            writer.Close();
            await writer.WaitClosedAsync();
        }
    });

    [Theory]
    [InlineData(0)]
    [InlineData(-10)]
    [CPythonTest("test_sslproto.py", "SslProtoHandshakeTests", "test_handshake_timeout_zero")]
    [CPythonTest("test_sslproto.py", "SslProtoHandshakeTests", "test_handshake_timeout_negative")]
    public void Times_must_be_positive(int seconds) => Run(async () =>
    {
        var time = TimeSpan.FromSeconds(seconds);
        Assert.Throws<ArgumentOutOfRangeException>(
            "handshakeTimeout", () => { _ = ConnectAsync(1, Connecting with { TlsHandshakeTimeout = time }); });
        Assert.Throws<ArgumentOutOfRangeException>("shutdownTimeout", () => { _ = ConnectAsync(1, Connecting with { TlsShutdownTimeout = time }); });
        Assert.Throws<ArgumentOutOfRangeException>(
            "handshakeTimeout", () => { _ = ServeAsync(EchoAsync, Serving with { TlsHandshakeTimeout = time }); });
        Assert.Throws<ArgumentOutOfRangeException>(
            "shutdownTimeout", () => { _ = ServeAsync(EchoAsync, Serving with { TlsShutdownTimeout = time }); });
        await Asyncio.Yield();
    });

    [Fact]
    public void A_server_needs_a_certificate_with_a_key() => Run(async () =>
    {
        using var withoutKey = X509CertificateLoader.LoadCertificate(Certificates.Localhost.RawData);
        Assert.Contains("certificate", Assert.Throws<ArgumentException>(
            "options", () => { _ = ServeAsync(EchoAsync, new ServerOptions { Tls = new() }); }).Message, StringComparison.Ordinal);
        var options = new ServerOptions { Tls = new() { ServerCertificate = withoutKey } };
        Assert.Contains("private key", Assert.Throws<ArgumentException>(
            "options", () => { _ = ServeAsync(EchoAsync, options); }).Message, StringComparison.Ordinal);
        await Asyncio.Yield();
    });

    [Fact]
    public void A_client_needs_the_servers_name() => Run(async () =>
    {
        using var listener = new BlockingPeer(static stream => BlockingPeer.Drain(stream));
        var transport = await ConnectPlainAsync(listener.Port, new Recorder());
        var e = Assert.Throws<ArgumentException>(
            "options", () => { _ = Loop.StartTlsAsync(transport, transport.GetProtocol(), new SslClientAuthenticationOptions()); });
        Assert.Contains("TargetHost", e.Message, StringComparison.Ordinal);
        transport.Close();
        await listener.Done;
    });

    [Fact]
    [CPythonTest("test_ssl.py", "TestSSL", "test_create_connection_ssl_slow_handshake")]
    [CPythonTest("test_sslproto.py", "BaseStartTLS", "test_create_connection_ssl_slow_handshake")]
    public void A_handshake_that_is_too_slow_is_given_up() => Run(async () =>
    {
        using var peer = new BlockingPeer(static stream => BlockingPeer.Drain(stream));
        var client = new Recorder();

        var e = await Expect.ThrowsAsync<TimeoutException>(
            async () => await ConnectAsync(peer.Port, client, Connecting with { TlsHandshakeTimeout = TimeSpan.FromMilliseconds(30) }));

        Assert.Contains("handshake", e.Message, StringComparison.Ordinal);
        Assert.Equal("", client.Events);
        await peer.Done; // the connection is closed
    });

    [Fact]
    [CPythonTest("test_ssl.py", "TestSSL", "test_ssl_handshake_timeout")]
    [CPythonTest("test_sslproto.py", "BaseStartTLS", "test_handshake_timeout")]
    [CPythonTest("test_ssl.py", "TestSSL", "test_connect_timeout_warning")]
    public void A_handshake_can_be_cancelled_and_leaves_nothing() => Run(async () =>
    {
        using var peer = new BlockingPeer(static stream => BlockingPeer.Drain(stream));
        var client = new Recorder();

        await Expect.ThrowsAsync<TimeoutException>(async () => await Asyncio.WaitFor(ConnectAsync(peer.Port, client), TimeSpan.FromMilliseconds(30)));

        await peer.Done; // the connection is closed
        Assert.Equal("", client.Events);
    });

    [Fact]
    [CPythonTest("test_ssl.py", "TestSSL", "test_ssl_handshake_connection_lost")]
    [CPythonTest("test_sslproto.py", "SslProtoHandshakeTests", "test_eof_received_waiter")]
    public void A_peer_that_leaves_during_the_handshake_is_told_to_whoever_connects_only() => Run(async () =>
    {
        using var peer = new BlockingPeer(static stream =>
        {
            BlockingPeer.Read(stream, 5);
            stream.Socket.Shutdown(SocketShutdown.Send);
            BlockingPeer.Drain(stream);
        });
        var client = new Recorder();

        await Expect.ThrowsAsync<IOException>(async () => await ConnectAsync(peer.Port, client));

        await peer.Done;
        Assert.Equal("", client.Events);
    });

    [Fact]
    [CPythonTest("test_sslproto.py", "SslProtoHandshakeTests", "test_connection_lost")]
    public void A_reset_during_the_handshake_is_told_to_whoever_connects_only() => Run(async () =>
    {
        using var peer = new BlockingPeer(static stream =>
        {
            BlockingPeer.Read(stream, 5);
            Reset(stream.Socket);
        });
        var client = new Recorder();

        await Expect.ThrowsAsync<SocketException>(async () => await ConnectAsync(peer.Port, client));

        Assert.Equal("", client.Events);
    });

    [Fact]
    [CPythonTest("test_ssl.py", "TestSSL", "test_create_connection_ssl_failed_certificate")]
    [CPythonTest("test_sslproto.py", "BaseStartTLS", "test_create_connection_ssl_failed_certificate")]
    public void A_certificate_that_is_refused_ends_the_connection_for_both() => Run(async () =>
    {
        using var peer = new BlockingPeer(static stream =>
        {
            using var tls = new SslStream(stream);
            try
            {
                tls.AuthenticateAsServer(Certificates.Server);
                Assert.Equal(0, tls.Read(new byte[1])); // with TLS 1.3 it has ended for the server before the client refuses
            }
            catch (Exception e) when (e is AuthenticationException or IOException)
            {
                // an alert, or a reset
            }
        });
        var client = new Recorder();

        await Expect.ThrowsAsync<AuthenticationException>(async () =>
            await ConnectAsync(peer.Port, client, new ConnectionOptions { Tls = new SslClientAuthenticationOptions { TargetHost = "localhost" } }));

        await peer.Done;
        Assert.Equal("", client.Events);
    });

    [Fact]
    [CPythonTest("test_ssl.py", "TestSSL", "test_ssl_connect_accepted_socket")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_ssl_connect_accepted_socket")]
    [CPythonTest("test_ssl.py", "TestSSL", "test_connect_accepted_socket")]
    public void An_accepted_socket_can_be_served() => Run(async () =>
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var address = (IPEndPoint)listener.LocalEndPoint!;
        var peer = Task.Factory.StartNew(() =>
        {
            using var client = new TcpClient();
            client.Connect(address);
            using var tls = BlockingPeer.Connect(client.GetStream());
            tls.Write("test data"u8);
            Assert.Equal("roger"u8.ToArray(), BlockingPeer.Read(tls, 5));
        }, TaskCreationOptions.LongRunning);
        var server = new Recorder();
        server.Then = happened =>
        {
            if (happened == "data")
                server.Transport.Write("roger"u8);
        };

        var (transport, _) = await Loop.ConnectAcceptedSocketAsync(() => server, listener.Accept(), Serving);
        await peer;
        await Until(() => server.IsLost);

        Assert.NotNull(transport.SslStream);
        Assert.Equal("test data"u8.ToArray(), server.Data);
    });

    [Fact]
    [CPythonTest("test_sslproto.py", "SslProtoHandshakeTests", "test_close_during_handshake")]
    public void A_server_that_closes_ends_handshakes_at_once() => Run(async () =>
    {
        var server = await ServeAsync(() => new Recorder(), Serving);
        var peer = BlockingPeer.Connect(server, static stream => Assert.Equal(0, BlockingPeer.Drain(stream)));
        await Until(() => server.ClientCount == 1);

        await server.DisposeAsync();

        await peer;
    });

    [Fact]
    public void A_failing_ConnectionMade_is_reported_and_ends_the_connection() => Run(async () =>
    {
        var protocol = new Recorder { FailsAt = "made" };
        await using var server = await ServeAsync(() => protocol, Serving);
        var (reader, writer) = await ConnectAsync(server, Connecting);

        try
        {
            Assert.Empty(await reader.ReadAsync());
        }
        catch (IOException)
        {
            // it was aborted
        }

        Assert.Equal("made lost", protocol.Events);
        Assert.IsType<DivideByZeroException>(Assert.Single(Reports()).Exception);
        await writer.DisposeAsync();
    });

    [Fact]
    public void Data_that_comes_with_the_end_of_the_handshake_is_delivered_behind_the_connection() => Run(async () =>
    {
        var protocol = new Recorder();
        await using var server = await ServeAsync(() => protocol, Serving);

        await BlockingPeer.Connect(server, static stream =>
        {
            using var held = new HeldBackStream(stream);
            using var tls = BlockingPeer.Connect(held);
            held.Hold();
            tls.Write("first words"u8);
            BlockingPeer.SendCloseNotify(tls);
            held.Release(); // with the rest of the handshake, in one piece
            stream.Socket.Shutdown(SocketShutdown.Send);
            BlockingPeer.Drain(stream);
        });
        await Until(() => protocol.IsLost);

        Assert.Equal("made data eof lost", protocol.Events);
        Assert.Equal("first words"u8.ToArray(), protocol.Data);
    });

    [Fact]
    public void A_loop_can_be_closed_in_the_middle_of_a_handshake()
    {
        using var peer = new BlockingPeer(static stream => BlockingPeer.Drain(stream));
        var task = Loop.CreateTask(ClientAsync());
        Loop.RunUntilComplete(Asyncio.Sleep(TimeSpan.FromMilliseconds(30)));
        Assert.False(task.IsCompleted);

        Loop.Close();

        Assert.True(peer.Done.Wait(TimeSpan.FromSeconds(30)));
        _ = Reports(); // of the task that is left

        async Coroutine ClientAsync() => await ConnectAsync(peer.Port, new Recorder());
    }
}

public sealed class EpollHandshakeTests() : HandshakeTests(new EpollEventLoop());

public sealed class IoUringHandshakeTests() : HandshakeTests(IoUring.NewLoop());

public sealed class PortableHandshakeTests() : HandshakeTests(new PortableEventLoop());
