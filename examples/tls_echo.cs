#:project ../src/AsyncioSharp/AsyncioSharp.csproj

// An echo server and its client, over TLS.
//
//   dotnet run examples/tls_echo.cs                             both in one program, with two lines to send
//   dotnet run examples/tls_echo.cs -- serve 8443 cert.pem      the server; it writes its certificate to the file
//   dotnet run examples/tls_echo.cs -- connect 8443 cert.pem    the client, which trusts it; type lines to send
//
// Other programs can be the client too:
//
//   openssl s_client -connect localhost:8443 -CAfile cert.pem
//   curl --cacert cert.pem telnet://localhost:8443

using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using AsyncioSharp;

return args switch
{
    [] => Asyncio.Run(BothAsync),
    ["serve", var port, var file] when int.TryParse(port, out var number) => Asyncio.Run(() => ServeAsync(number, file)),
    ["connect", var port, var file] when int.TryParse(port, out var number) => Asyncio.Run(() => ConnectAsync(number, file)),
    _ => Usage(),
};

static async Coroutine<int> BothAsync()
{
    using var certificate = MakeCertificate();
    await using var server = await StartAsync(0, certificate);
    var port = ((IPEndPoint)server.Sockets[0].LocalEndPoint!).Port;
    using var lines = new StringReader("hello\nover the wire\n");
    await TalkAsync(port, certificate, lines);
    return 0;
}

static async Coroutine<int> ServeAsync(int port, string file)
{
    using var certificate = MakeCertificate();
    await File.WriteAllTextAsync(file, certificate.ExportCertificatePem());
    await using var server = await StartAsync(port, certificate);
    Console.WriteLine($"Listening on localhost:{((IPEndPoint)server.Sockets[0].LocalEndPoint!).Port}; Ctrl-C ends it.");
    await server.ServeForeverAsync();
    return 0;
}

static async Coroutine<int> ConnectAsync(int port, string file)
{
    using var certificate = X509CertificateLoader.LoadCertificateFromFile(file);
    await TalkAsync(port, certificate, Console.In);
    return 0;
}

static Coroutine<Server> StartAsync(int port, X509Certificate2 certificate) =>
    Asyncio.StartServerAsync(EchoAsync, "127.0.0.1", port, new ServerOptions
    {
        Tls = new SslServerAuthenticationOptions { ServerCertificate = certificate },
    });

static async Coroutine EchoAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
{
    await using (writer)
    {
        await foreach (var line in reader)
        {
            writer.Write(line);
            await writer.DrainAsync();
        }
    }
}

static async Coroutine TalkAsync(int port, X509Certificate2 certificate, TextReader lines)
{
    // This certificate is trusted and no other; without a policy it is the system's authorities.
    var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
    policy.CustomTrustStore.Add(certificate);
    var options = new ConnectionOptions
    {
        Tls = new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = policy },
    };
    var (reader, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", port, options);
    await using (writer)
    {
        Console.WriteLine($"{writer.SslStream!.SslProtocol}, {writer.SslStream.RemoteCertificate!.Subject}");
        while (await Asyncio.ToThread(lines.ReadLine) is { } line)
        {
            writer.Write(Encoding.UTF8.GetBytes(line + "\n"));
            await writer.DrainAsync();
            Console.Write($"came back: {Encoding.UTF8.GetString(await reader.ReadLineAsync())}");
        }
    }
}

// For a day and for this machine, signed by itself.
static X509Certificate2 MakeCertificate()
{
    using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
    var names = new SubjectAlternativeNameBuilder();
    names.AddDnsName("localhost");
    request.CertificateExtensions.Add(names.Build());
    return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
}

static int Usage()
{
    Console.Error.WriteLine("usage: tls_echo [serve PORT FILE | connect PORT FILE]");
    return 2;
}
