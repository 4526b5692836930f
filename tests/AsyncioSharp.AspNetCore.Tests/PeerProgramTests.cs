using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AsyncioSharp.AspNetCore.Tests;

/// <summary>Clients written by others: curl, wrk, h2load and .NET's.</summary>
public sealed partial class PeerProgramTests
{
    [Theory]
    [InlineData(HttpProtocols.Http1, false, "--http1.1")]
    [InlineData(HttpProtocols.Http1, true, "--http1.1")]
    [InlineData(HttpProtocols.Http2, false, "--http2-prior-knowledge")]
    [InlineData(HttpProtocols.Http1AndHttp2, true, "--http2")]
    public async Task Curl_gets_and_posts(HttpProtocols protocols, bool tls, string version)
    {
        Programs.Need("curl");
        await using var site = await PeerSite.StartAsync(protocols, tls);
        var (file, back) = (Path.GetTempFileName(), Path.GetTempFileName());
        var data = new byte[5_000_000];
        Random.Shared.NextBytes(data);
        await File.WriteAllBytesAsync(file, data, TestContext.Current.CancellationToken);

        // Older versions of curl fail to use a connection again that began with prior knowledge, whatever the server.
        string[] more = version == "--http2-prior-knowledge" ? [] : [$"{site.Address}slow"];
        var got = await Programs.RunAsync("curl", ["-sSk", version, "-w", " %{http_version} %{num_connects}", $"{site.Address}", .. more]);
        var posted = await Programs.RunAsync("curl", "-sk", version, "--data-binary", $"@{file}", "-o", back, $"{site.Address}echo-body");
        var expecting = await Programs.RunAsync(
            "curl", "-sk", version, "-H", "Expect: 100-continue", "--data-binary", "abc", $"{site.Address}echo-body");

        var number = version.StartsWith("--http2", StringComparison.Ordinal) ? "2" : "1.1";
        site.HasNothingToComplain();
        Assert.Equal(($"Hello, World! {number} 1" + (more.Length > 0 ? $"slow {number} 0" : ""), ""), (got.Output, got.Error));
        Assert.Equal(0, posted.ExitCode);
        Assert.Equal(data, await File.ReadAllBytesAsync(back, TestContext.Current.CancellationToken));
        Assert.Equal("abc", expecting.Output);
        site.HasNothingToComplain();
        File.Delete(file);
        File.Delete(back);
    }

    // It knows the handshake only, and takes for the body of its answer what is said afterwards.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Curl_upgrades_to_a_web_socket(bool tls)
    {
        Programs.Need("curl");
        await using var site = await PeerSite.StartAsync(HttpProtocols.Http1, tls);
        var file = Path.GetTempFileName();
        // Masked, as a client has to, with zeros: a text, and the end.
        await File.WriteAllBytesAsync(
            file, [0x81, 0x85, 0, 0, 0, 0, .. "hello"u8, 0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE8], TestContext.Current.CancellationToken);

        var (exitCode, output, error) = await Programs.RunAsync("curl", "-sSk", "--http1.1", "-i", "-X", "GET", "-T", file,
            "-H", "Content-Length:", "-H", "Expect:", "-H", "Connection: Upgrade", "-H", "Upgrade: websocket",
            "-H", "Sec-WebSocket-Version: 13", "-H", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", $"{site.Address}echo");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.StartsWith("HTTP/1.1 101", output, StringComparison.Ordinal);
        Assert.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", output);
        Assert.Contains("\u0005hello", output);
        site.HasNothingToComplain();
        File.Delete(file);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("slow", false)]
    [InlineData("", true)]
    [InlineData("slow", true)]
    public async Task Wrk_loads_many_connections(string path, bool tls)
    {
        Programs.Need("wrk");
        await using var site = await PeerSite.StartAsync(HttpProtocols.Http1, tls);

        var (exitCode, output, _) = await Programs.RunAsync("wrk", "-t", "1", "-c", "50", "-d", "1s", $"{site.Address}{path}");

        Assert.Equal(0, exitCode);
        Assert.True(int.Parse(Requests().Match(output).Groups[1].Value, null) > 50, output);
        Assert.DoesNotContain("Non-2xx", output);
        Assert.DoesNotContain("Socket errors", output);
        site.HasNothingToComplain();
    }

    [Theory]
    [InlineData(HttpProtocols.Http2, false, "h2c")]
    [InlineData(HttpProtocols.Http1AndHttp2, true, "h2")]
    [InlineData(HttpProtocols.Http1, false, "http/1.1", "--h1")]
    [InlineData(HttpProtocols.Http1AndHttp2, true, "http/1.1", "--h1")]
    public async Task H2load_loads_many_streams_or_requests_behind_each_other(
        HttpProtocols protocols, bool tls, string negotiated, params string[] version)
    {
        Programs.Need("h2load");
        await using var site = await PeerSite.StartAsync(protocols, tls);

        var (exitCode, output, error) = await Programs.RunAsync(
            "h2load", [.. version, "-n", "2000", "-c", "10", "-m", "20", $"{site.Address}", $"{site.Address}slow"]);

        Assert.Equal(0, exitCode);
        Assert.Contains($"Application protocol: {negotiated}\n", output);
        Assert.True(output.Contains("2000 succeeded, 0 failed, 0 errored, 0 timeout"), output + error);
        site.HasNothingToComplain();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Web_sockets_carry_messages_both_ways(bool tls)
    {
        await using var site = await PeerSite.StartAsync(HttpProtocols.Http1, tls);
        using var socket = new ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        await socket.ConnectAsync(
            new UriBuilder(site.Address) { Scheme = tls ? "wss" : "ws", Path = "/echo" }.Uri, TestContext.Current.CancellationToken);
        var buffer = new byte[100_000];

        for (var i = 0; i < 100; i++)
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes($"message {i}"), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
            var got = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            Assert.Equal($"message {i}", Encoding.UTF8.GetString(buffer, 0, got.Count));
        }
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);

        site.HasNothingToComplain();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_can_be_upgraded_to_anything(bool tls)
    {
        await using var site = await PeerSite.StartAsync(HttpProtocols.Http1, tls);
        using var peer = Peer.Connect(site.Port, tls);

        peer.Send("GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 101", peer.ReadUntil("\r\n\r\n"), StringComparison.Ordinal);
        peer.Send("raw");
        Assert.Equal("raw", peer.ReadUntil("raw"));
        peer.Send(" bytes");
        Assert.Equal(" bytes", peer.ReadUntil(" bytes"));
        peer.EndSending();

        Assert.Equal((0, false), (peer.ReadToEnd(out var isReset), isReset));
    }

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Requests();
}
