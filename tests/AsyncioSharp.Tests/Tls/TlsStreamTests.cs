using System.Net.Security;
using System.Security.Authentication;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Tls;

/// <summary>Streams over TLS.</summary>
public abstract class TlsStreamTests(EventLoop loop) : OnTls(loop)
{
    [Fact]
    public void What_is_written_comes_back() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync, Serving);
        var (reader, writer) = await ConnectAsync(server, Connecting);

        writer.Write("hello\n"u8);
        Assert.Equal("hello\n"u8.ToArray(), await reader.ReadLineAsync());

        Assert.NotNull(writer.SslStream);
        Assert.True(writer.SslStream.IsEncrypted);
        Assert.False(writer.CanWriteEof);
        await writer.DisposeAsync();
    });

    [Fact]
    public void Megabytes_arrive_in_order_both_ways() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync, Serving);
        var (reader, writer) = await ConnectAsync(server, Connecting);
        var data = new byte[8 * 1024 * 1024 + 17];
        new Random(1).NextBytes(data);
        var back = new byte[data.Length];

        await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(WriteAsync());
            await reader.ReadExactlyAsync(back);
        });

        Assert.True(data.AsSpan().SequenceEqual(back));
        await writer.DisposeAsync();

        async Coroutine WriteAsync()
        {
            for (var sent = 0; sent < data.Length; sent += 100_000)
            {
                writer.Write(data.AsSpan(sent, Math.Min(100_000, data.Length - sent)));
                await writer.DrainAsync();
            }
        }
    });

    [Fact]
    public void A_reader_that_is_slow_holds_the_peer_up_and_loses_nothing() => Run(async () =>
    {
        var data = new byte[3 * 1024 * 1024];
        new Random(2).NextBytes(data);
        await using var server = await ServeAsync(async (_, writer) =>
        {
            await using (writer)
            {
                writer.Write(data);
                await writer.DrainAsync();
            }
        }, Serving);
        var (reader, writer) = await ConnectAsync(server, Connecting);

        var got = new List<byte>();
        while (await reader.ReadAsync(10_000) is { Length: > 0 } piece)
        {
            got.AddRange(piece);
            await Asyncio.Yield();
        }

        Assert.True(data.AsSpan().SequenceEqual(got.ToArray()));
        await writer.DisposeAsync();
    });

    [Fact]
    public void Everything_stays_on_the_loops_thread() => Run(async () =>
    {
        var thread = Environment.CurrentManagedThreadId;
        var threads = new HashSet<int>();
        var options = Certificates.Client;
        options.RemoteCertificateValidationCallback = (_, _, _, _) => threads.Add(Environment.CurrentManagedThreadId) || true;
        await using var server = await ServeAsync(EchoAsync, Serving);
        var (reader, writer) = await ConnectAsync(server, new ConnectionOptions { Tls = options });

        for (var i = 0; i < 100; i++)
        {
            writer.Write("x"u8);
            await reader.ReadExactlyAsync(1);
            threads.Add(Environment.CurrentManagedThreadId);
        }

        Assert.Equal([thread], threads);
        await writer.DisposeAsync();
    });

    [Fact]
    public void A_certificate_that_is_not_trusted_is_refused() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync, Serving);

        await Expect.ThrowsAsync<AuthenticationException>(async () =>
            await ConnectAsync(server, new ConnectionOptions { Tls = new SslClientAuthenticationOptions { TargetHost = "localhost" } }));
    });

    [Fact]
    public void The_protocol_is_negotiated() => Run(async () =>
    {
        var serving = Certificates.Server;
        serving.ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];
        var connecting = Certificates.Client;
        connecting.ApplicationProtocols = [SslApplicationProtocol.Http11];
        await using var server = await ServeAsync(EchoAsync, new ServerOptions { Tls = serving });

        var (_, writer) = await ConnectAsync(server, new ConnectionOptions { Tls = connecting });

        Assert.Equal(SslApplicationProtocol.Http11, writer.SslStream!.NegotiatedApplicationProtocol);
        await writer.DisposeAsync();
    });

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_start_tls")]
    public void A_connection_can_be_upgraded() => Run(async () =>
    {
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            Assert.Equal("STARTTLS\n"u8.ToArray(), await reader.ReadLineAsync());
            writer.Write("go\n"u8);
            await writer.StartTlsAsync(Certificates.Server);
            await EchoAsync(reader, writer);
        });
        var (reader, writer) = await ConnectAsync(server);

        writer.Write("STARTTLS\n"u8);
        Assert.Equal("go\n"u8.ToArray(), await reader.ReadLineAsync());
        await writer.StartTlsAsync(Certificates.Client);
        writer.Write("secret\n"u8);
        Assert.Equal("secret\n"u8.ToArray(), await reader.ReadLineAsync());
        Assert.True(writer.SslStream!.IsEncrypted);
        await writer.DisposeAsync();
    });

    [Theory]
    [InlineData("exactly")]
    [InlineData("line")]
    public void A_connection_is_not_upgraded_within_what_a_task_reads(string what) => Run(async () =>
    {
        await using var server = await ServeAsync(static async (reader, writer) =>
        {
            writer.Write("ab"u8);
            Assert.Empty(await reader.ReadAsync());
            writer.Close();
        });
        var (reader, writer) = await ConnectAsync(server);
        var four = new byte[4];
        var read = Asyncio.CreateTask(ReadAsync());
        await Expect.Turns(2); // it reads, whether the data was there or not
        await Until(() => reader.ToString().Contains("2 bytes", StringComparison.Ordinal) || four[1] != 0);

        var exception = await Expect.ThrowsAsync<InvalidOperationException>(async () => await writer.StartTlsAsync(Certificates.Client));

        Assert.Contains("A task is reading", exception.Message, StringComparison.Ordinal);
        read.Cancel();
        await Expect.ThrowsAsync<CanceledException>(read);
        Assert.Equal("ab"u8.ToArray(), await reader.ReadAsync(10)); // it stands as it was
        writer.WriteEof();
        await writer.DisposeAsync();

        async Coroutine ReadAsync()
        {
            if (what == "line")
                await reader.ReadLineAsync();
            else
                await reader.ReadExactlyAsync(four);
        }
    });

    [Fact]
    public void A_connection_can_be_upgraded_by_a_writer_that_has_no_reader() => Run(async () =>
    {
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await writer.StartTlsAsync(Certificates.Server);
            await EchoAsync(reader, writer);
        });
        var (reader, first) = await ConnectAsync(server);
        var writer = new AsyncStreamWriter(first.Transport, (StreamReaderProtocol)first.Transport.GetProtocol());

        await writer.StartTlsAsync(Certificates.Client);
        writer.Write("secret\n"u8);
        Assert.Equal("secret\n"u8.ToArray(), await reader.ReadLineAsync());
        await writer.DisposeAsync();
    });

    [Fact]
    [CPythonTest("test_ssl.py", "TestSSL", "test_create_server_ssl_over_ssl")]
    public void Tls_runs_inside_tls() => Run(async () =>
    {
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await writer.StartTlsAsync(Certificates.Server);
            await EchoAsync(reader, writer);
        }, Serving);
        var (reader, writer) = await ConnectAsync(server, Connecting);
        await writer.StartTlsAsync(Certificates.Client);
        var data = new byte[300_000];
        new Random(3).NextBytes(data);

        writer.Write(data);
        Assert.Equal(data, await reader.ReadExactlyAsync(data.Length));
        await writer.DisposeAsync();
    });

    [Fact]
    public void A_client_that_sends_nonsense_does_no_harm() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync, Serving);
        var (reader, writer) = await ConnectAsync(server);
        writer.Write("GET / HTTP/1.1\r\n\r\n"u8);
        await reader.ReadAsync(); // an alert perhaps, and the end
        await writer.DisposeAsync();

        (reader, writer) = await ConnectAsync(server, Connecting);
        writer.Write("hello\n"u8);
        Assert.Equal("hello\n"u8.ToArray(), await reader.ReadLineAsync());
        await writer.DisposeAsync();
    });
}

public sealed class EpollTlsStreamTests() : TlsStreamTests(new EpollEventLoop());

public sealed class IoUringTlsStreamTests() : TlsStreamTests(IoUring.NewLoop());

public sealed class PortableTlsStreamTests() : TlsStreamTests(new PortableEventLoop());
