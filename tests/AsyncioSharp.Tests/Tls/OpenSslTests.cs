using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Peers;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Tls;

/// <summary>TLS with OpenSSL's own client and server.</summary>
public abstract class OpenSslTests(EventLoop loop) : OnTls(loop), IDisposable
{
    private readonly CertificateFiles _files = new();

    private ServerOptions ServingLocalhost => new() { Tls = new SslServerAuthenticationOptions { ServerCertificate = _files.Localhost } };

    private SslClientAuthenticationOptions ForLocalhost => new() { TargetHost = "localhost", CertificateChainPolicy = _files.Policy };

    [Theory]
    [InlineData("-tls1_2", "TLSv1.2")]
    [InlineData("-tls1_3", "TLSv1.3")]
    public void Its_client_is_served_in_each_version(string option, string version) => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync, ServingLocalhost);
        using var client = Client(server, option, "-verify_return_error", "-verify_hostname", "localhost");

        client.Input.Write("over the wire\n");
        client.Input.Flush();
        var output = await ReadUntilAsync(client, "over the wire");
        client.Input.Close();

        var (exitCode, rest) = await client.WaitAsync();
        Assert.Equal(0, exitCode);
        Assert.Contains(version, output + rest, StringComparison.Ordinal);
        Assert.Contains("Verify return code: 0 (ok)", output + rest, StringComparison.Ordinal);
    });

    [Fact]
    public void Its_client_asks_for_a_name_and_a_protocol() => Run(async () =>
    {
        string? asked = null, protocol = null;
        var options = new ServerOptions
        {
            Tls = new SslServerAuthenticationOptions
            {
                ServerCertificateSelectionCallback = (_, name) =>
                {
                    asked = name;
                    return name == "elsewhere.example" ? _files.Elsewhere : _files.Localhost;
                },
                ApplicationProtocols = [new SslApplicationProtocol("first"), new SslApplicationProtocol("second")],
            },
        };
        await using var server = await ServeAsync(async (_, writer) =>
        {
            protocol = writer.SslStream!.NegotiatedApplicationProtocol.ToString();
            await writer.DisposeAsync();
        }, options);
        using var client = Client(
            server, "-servername", "elsewhere.example", "-verify_hostname", "elsewhere.example", "-verify_return_error", "-alpn", "second,third");

        var (_, output) = await client.WaitAsync();

        Assert.Equal(("elsewhere.example", "second"), (asked, protocol));
        Assert.Contains("ALPN protocol: second", output, StringComparison.Ordinal);
        Assert.Contains("Verify return code: 0 (ok)", output, StringComparison.Ordinal);
    });

    [Theory]
    [InlineData(true, "-tls1_2")]
    [InlineData(true, "-tls1_3")]
    [InlineData(false, "-tls1_2")]
    [InlineData(false, "-tls1_3")]
    public void Its_client_must_have_a_certificate(bool has, string version) => Run(async () =>
    {
        var served = new List<string>();
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            served.Add(writer.SslStream!.RemoteCertificate!.Subject);
            await EchoAsync(reader, writer);
        }, new ServerOptions
        {
            Tls = new SslServerAuthenticationOptions
            {
                ServerCertificate = _files.Localhost,
                ClientCertificateRequired = true,
                CertificateChainPolicy = _files.Policy,
            },
        });
        using var client = Client(server, has ? ["-cert", _files.File(_files.Client), version] : [version]);
        client.Input.Close();

        await client.WaitAsync();
        await Until(() => served.Count > 0 || !has);
        await Until(() => server.ClientCount == 0);

        Assert.Equal(has ? ["CN=client"] : [], served);
    });

    [Fact]
    public void Its_client_may_not_renegotiate() => Run(async () =>
    {
        var protocol = new Recorder();
        await using var server = await ServeAsync(() => protocol, ServingLocalhost);
        using var client = Client(server, "-tls1_2");
        client.Input.Write("before\n");
        client.Input.Flush();
        await Until(() => protocol.DataCount > 0);
        client.Input.Write("R\n"); // asks for it
        client.Input.Flush();

        await Until(() => protocol.IsLost);

        Assert.Equal("before\n"u8.ToArray(), protocol.Data);
        Assert.Contains("renegotiation", Assert.IsType<IOException>(protocol.Reason).Message, StringComparison.Ordinal);
    });

    [Fact]
    public void Its_client_may_vanish_in_the_middle() => Run(async () =>
    {
        var protocol = new Recorder();
        await using var server = await ServeAsync(() => protocol, ServingLocalhost);
        using (var client = Client(server))
        {
            client.Input.Write("last words\n");
            client.Input.Flush();
            await Until(() => protocol.DataCount > 0);
            client.Kill(); // no close_notify: the system ends the connection
        }

        await Until(() => protocol.IsLost);
        Assert.Equal("last words\n"u8.ToArray(), protocol.Data);
    });

    [Theory]
    [InlineData("-tls1_2", SslProtocols.Tls12)]
    [InlineData("-tls1_3", SslProtocols.Tls13)]
    public void Its_server_is_connected_to_in_each_version(string option, SslProtocols version) => Run(async () =>
    {
        var (server, port) = await ServerAsync(_files.Localhost, option, "-rev");
        using var _ = server;

        var (reader, writer) = await ConnectAsync(port, new ConnectionOptions { Tls = ForLocalhost });
        writer.Write("stressed\n"u8);
        Assert.Equal("desserts\n"u8.ToArray(), await reader.ReadLineAsync());
        Assert.Equal(version, writer.SslStream!.SslProtocol);
        await writer.DisposeAsync();
    });

    [Fact]
    public void A_server_that_is_out_of_date_or_another_is_refused() => Run(async () =>
    {
        foreach (var certificate in new[] { _files.Expired, _files.Elsewhere })
        {
            var (server, port) = await ServerAsync(certificate, "-rev");
            using var _ = server;
            await Expect.ThrowsAsync<AuthenticationException>(async () => await ConnectAsync(port, new ConnectionOptions { Tls = ForLocalhost }));
        }
    });

    [Fact]
    public void Its_server_may_vanish_in_the_middle() => Run(async () =>
    {
        var (server, port) = await ServerAsync(_files.Localhost, "-tls1_3", "-rev");
        using var _ = server;
        var (reader, writer) = await ConnectAsync(port, new ConnectionOptions { Tls = ForLocalhost });
        writer.Write("abc\n"u8);
        Assert.Equal("cba\n"u8.ToArray(), await reader.ReadLineAsync());

        server.Kill(); // no close_notify: the system ends the connection

        Assert.Empty(await reader.ReadAsync(100));
        await writer.DisposeAsync();
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Its_server_may_ask_for_a_certificate(bool has) => Run(async () =>
    {
        var (server, port) = await ServerAsync(
            _files.Localhost, "-tls1_2", "-rev", "-Verify", "1", "-verify_return_error", "-CAfile", _files.AuthorityFile);
        using var _ = server;
        var options = ForLocalhost;
        if (has)
            options.ClientCertificates = [_files.Client];

        if (!has)
        {
            await Expect.ThrowsAsync<AuthenticationException>(async () => await ConnectAsync(port, new ConnectionOptions { Tls = options }));
            return;
        }
        var (reader, writer) = await ConnectAsync(port, new ConnectionOptions { Tls = options });
        writer.Write("abc\n"u8);
        Assert.Equal("cba\n"u8.ToArray(), await reader.ReadLineAsync());
        await writer.DisposeAsync();
    });

    [Fact]
    public void Curl_gets_a_page() => Run(async () =>
    {
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await using (writer)
            {
                while (await reader.ReadLineAsync() is { Length: > 2 })
                {
                }
                writer.Write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"u8);
                await writer.DrainAsync();
            }
        }, ServingLocalhost);
        using var curl = new OtherProgram("curl", "--silent", "--show-error", "--cacert", _files.AuthorityFile,
            "--resolve", $"localhost:{Port(server)}:127.0.0.1", $"https://localhost:{Port(server)}/");

        Assert.Equal((0, "hello"), await curl.WaitAsync());
    });

    [Fact]
    public void Curl_refuses_a_certificate_it_does_not_trust_and_the_server_goes_on() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync, ServingLocalhost);
        using (var curl = new OtherProgram("curl", "--silent", "--show-error", $"https://127.0.0.1:{Port(server)}/"))
            Assert.Equal(60, (await curl.WaitAsync()).ExitCode);

        var (reader, writer) = await ConnectAsync(server, new ConnectionOptions { Tls = ForLocalhost });
        writer.Write("x"u8);
        Assert.Equal("x"u8.ToArray(), await reader.ReadExactlyAsync(1));
        await writer.DisposeAsync();
    });

    [Fact]
    public void Pythons_asyncio_is_served() => Run(async () =>
    {
        const string Program = """
            import asyncio, ssl, sys
            async def main(port, authority):
                context = ssl.create_default_context(cafile=authority)
                reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
                data = bytes(range(256)) * 4096
                async def send():
                    for i in range(0, len(data), 30000):
                        writer.write(data[i:i + 30000])
                        await writer.drain()
                sending = asyncio.create_task(send())
                assert await reader.readexactly(len(data)) == data
                await sending
                writer.close()
                await writer.wait_closed()
                print("good")
            asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
            """;
        await using var server = await ServeAsync(EchoAsync, ServingLocalhost);
        using var python = OtherProgram.Python(Program, $"{Port(server)}", _files.AuthorityFile);

        Assert.Equal((0, "good\n"), await python.WaitAsync());
    });

    [Fact]
    public void Pythons_asyncio_serves_and_upgrades() => Run(async () =>
    {
        const string Program = """
            import asyncio, ssl, sys
            async def serve(reader, writer):
                if await reader.readline() == b"STARTTLS\n":
                    writer.write(b"go\n")
                    await writer.start_tls(context)
                while line := await reader.readline():
                    writer.write(line.upper())
                    await writer.drain()
                writer.close()
            async def main():
                server = await asyncio.start_server(serve, "127.0.0.1", 0)
                print(server.sockets[0].getsockname()[1], flush=True)
                await asyncio.sleep(60)
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(sys.argv[1])
            if not hasattr(asyncio.StreamWriter, "start_tls"):
                print("too old", flush=True)
            else:
                asyncio.run(main())
            """;
        using var python = OtherProgram.Python(Program, _files.File(_files.Localhost));
        var line = await python.Output.ReadLineAsync();
        if (line == "too old")
            Assert.Skip("python3 is older than 3.11.");
        var (reader, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", int.Parse(line!));

        writer.Write("STARTTLS\n"u8);
        Assert.Equal("go\n"u8.ToArray(), await reader.ReadLineAsync());
        await writer.StartTlsAsync(ForLocalhost);
        for (var i = 0; i < 10; i++)
        {
            writer.Write("hello\n"u8);
            Assert.Equal("HELLO\n"u8.ToArray(), await reader.ReadLineAsync());
        }
        await writer.DisposeAsync();
    });

    public new void Dispose()
    {
        base.Dispose();
        _files.Dispose();
    }

    private OtherProgram Client(Server server, params string[] options) =>
        new("openssl", ["s_client", "-connect", $"127.0.0.1:{Port(server)}", "-CAfile", _files.AuthorityFile, .. options]);

    // It cannot choose a port itself, and does not say when it listens.
    private async Coroutine<(OtherProgram Server, int Port)> ServerAsync(X509Certificate2 certificate, params string[] options)
    {
        var port = Ports.Free();
        var server = new OtherProgram("openssl", ["s_server", "-accept", $"127.0.0.1:{port}", "-cert", _files.File(certificate), .. options]);
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect("127.0.0.1", port);
                return (server, port);
            }
            catch (SocketException)
            {
                await Asyncio.Sleep(TimeSpan.FromMilliseconds(20));
            }
        }
    }

    private static async Coroutine<string> ReadUntilAsync(OtherProgram program, string text)
    {
        var lines = new List<string>();
        while (await program.Output.ReadLineAsync() is { } line)
        {
            lines.Add(line);
            if (line.Contains(text, StringComparison.Ordinal))
                return string.Join("\n", lines);
        }
        throw new EndOfStreamException(await program.Error);
    }
}

public sealed class EpollOpenSslTests() : OpenSslTests(new EpollEventLoop());

public sealed class IoUringOpenSslTests() : OpenSslTests(IoUring.NewLoop());

public sealed class PortableOpenSslTests() : OpenSslTests(new PortableEventLoop());
