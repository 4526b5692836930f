using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Tls;

/// <summary>Which certificates are accepted, over TCP and over Unix sockets; and options that make no sense.</summary>
public abstract class VerificationTests(EventLoop loop) : OnTls(loop)
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private static async Coroutine WithServerAsync(
        bool isUnix, Func<Func<ConnectionOptions, Coroutine<(AsyncStreamReader Reader, AsyncStreamWriter Writer)>>, Coroutine> body)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var server = isUnix
            ? await Asyncio.StartUnixServerAsync(EchoAsync, path, Serving)
            : await ServeAsync(EchoAsync, Serving);
        await body(options => isUnix ? Asyncio.OpenUnixConnectionAsync(path, options) : ConnectAsync(server, options));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_server_ssl_verified")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_unix_server_ssl_verified")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_server_ssl")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_unix_server_ssl")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_ssl_connection")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_ssl_unix_connection")]
    public void A_trusted_certificate_of_the_right_name_is_accepted(bool isUnix) => Run(() => WithServerAsync(isUnix, async connect =>
    {
        var (reader, writer) = await connect(new ConnectionOptions { Tls = Certificates.Checking("localhost") });

        writer.Write("hello\n"u8);
        Assert.Equal("hello\n"u8.ToArray(), await reader.ReadLineAsync());
        Assert.Equal(Certificates.Localhost, writer.SslStream!.RemoteCertificate);
        await writer.DisposeAsync();
    }));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_server_ssl_verify_failed")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_unix_server_ssl_verify_failed")]
    public void A_certificate_that_nobody_trusts_is_refused(bool isUnix) => Run(() => WithServerAsync(isUnix, async connect =>
    {
        var options = new ConnectionOptions { Tls = new SslClientAuthenticationOptions { TargetHost = "localhost" } };
        await Expect.ThrowsAsync<AuthenticationException>(async () => await connect(options));
    }));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_server_ssl_match_failed")]
    public void A_certificate_of_another_name_is_refused(bool isUnix) => Run(() => WithServerAsync(isUnix, async connect =>
    {
        var e = await Expect.ThrowsAsync<AuthenticationException>(
            async () => await connect(new ConnectionOptions { Tls = Certificates.Checking("example.org") }));
        Assert.Contains(nameof(SslPolicyErrors.RemoteCertificateNameMismatch), e.Message, StringComparison.Ordinal);
    }));

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_connection_ssl_server_hostname_default")]
    public void The_name_to_check_is_by_default_the_host() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync, Serving);
        var options = new ConnectionOptions { Tls = Certificates.Checking(null), AddressFamily = AddressFamily.InterNetwork };

        var (_, writer) = await Asyncio.OpenConnectionAsync("localhost", Port(server), options);
        Assert.Equal("localhost", writer.SslStream!.TargetHostName);
        await writer.DisposeAsync();

        await Expect.ThrowsAsync<AuthenticationException>(async () => await Asyncio.OpenConnectionAsync("127.0.0.1", Port(server), options));
    });

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_connection_ssl_server_hostname_errors")]
    public void Without_a_host_a_name_is_needed() => Run(async () =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        ConnectionOptions[] nameless = [new() { Tls = new() }, new() { Tls = new() { TargetHost = "" }, Socket = socket }];
        foreach (var options in nameless)
        {
            var e = Assert.Throws<ArgumentException>(
                "options", () => { _ = Loop.CreateConnectionAsync(static () => new Transports.Recorder(), null, 80, options); });
            Assert.Contains("TargetHost", e.Message, StringComparison.Ordinal);
        }
    });

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_connection_ssl_timeout_for_plain_socket")]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_server_ssl_timeout_for_plain_socket")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_connect_accepted_socket_ssl_timeout_for_plain_socket")]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopUnixSocketTests", "test_create_unix_server_ssl_timeout_with_plain_sock")]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopUnixSocketTests", "test_create_unix_connection_ssl_timeout_with_plain_sock")]
    public void Times_for_tls_need_tls() => Run(async () =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        foreach (var (client, server) in new[]
        {
            (new ConnectionOptions { TlsHandshakeTimeout = s_second }, new ServerOptions { TlsHandshakeTimeout = s_second }),
            (new ConnectionOptions { TlsShutdownTimeout = s_second }, new ServerOptions { TlsShutdownTimeout = s_second }),
        })
        {
            Refused(() => Loop.CreateConnectionAsync(static () => new Transports.Recorder(), "127.0.0.1", 1, client));
            Refused(() => Loop.CreateUnixConnectionAsync(static () => new Transports.Recorder(), "/tmp/none", client));
            Refused(() => Loop.CreateServerAsync(static () => new Transports.Recorder(), "127.0.0.1", 0, server));
            Refused(() => Loop.CreateUnixServerAsync(static () => new Transports.Recorder(), "/tmp/none", server));
            Refused(() => Loop.ConnectAcceptedSocketAsync(static () => new Transports.Recorder(), socket, server));
        }

        static void Refused(Func<Coroutine> call)
        {
            var e = Assert.Throws<ArgumentException>(() => { _ = call(); });
            Assert.Contains("set Tls", e.Message, StringComparison.Ordinal);
        }
    });
}

public sealed class EpollVerificationTests() : VerificationTests(new EpollEventLoop());

public sealed class IoUringVerificationTests() : VerificationTests(IoUring.NewLoop());

public sealed class PortableVerificationTests() : VerificationTests(new PortableEventLoop());
