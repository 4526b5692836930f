using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AsyncioSharp.AspNetCore.Tests;

/// <summary>Clients written by others: curl, wrk, h2load and a browser.</summary>
public sealed partial class PeerProgramTests
{
    private static Task<Site> StartAsync(
        HttpProtocols protocols, bool tls = false, TaskCompletionSource<string>? done = null) => Site.StartAsync(app =>
    {
        app.UseWebSockets();
        app.MapPost("/done", async (HttpContext context) => done!.SetResult(await new StreamReader(context.Request.Body).ReadToEndAsync()));
        app.MapGet("/", () => "Hello, World!");
        app.MapGet("/slow", async () =>
        {
            await Asyncio.Sleep(0.005);
            return "slow";
        });
        app.MapGet("/page", () => Results.Content("""
            <script>
            (async () => {
                const text = await (await fetch('/slow')).text();
                const socket = new WebSocket(location.href.replace('http', 'ws').replace('/page', '/echo'));
                socket.onopen = () => socket.send('over a socket');
                socket.onmessage = async e => {
                    socket.close();
                    await fetch('/done', { method: 'POST', body: text + ', ' + e.data });
                };
            })();
            </script>
            """, "text/html"));
        app.MapPost("/echo-body", async (HttpContext context) => await context.Request.Body.CopyToAsync(context.Response.Body));
        app.Map("/echo", async (HttpContext context) =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[64 * 1024];
            while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } message)
            {
                await Asyncio.Yield();
                await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, context.RequestAborted);
            }
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        });
        app.Map("/upgrade", async (HttpContext context) =>
        {
            context.Response.Headers.Upgrade = "echo";
            await using var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
            var buffer = new byte[100];
            while (await stream.ReadAsync(buffer) is > 0 and var count)
                await stream.WriteAsync(buffer.AsMemory(0, count));
        });
    }, protocols: protocols, tls: tls, kestrel: options => options.Limits.MaxRequestBodySize = null);

    [Theory]
    [InlineData(HttpProtocols.Http1, false, "--http1.1")]
    [InlineData(HttpProtocols.Http1, true, "--http1.1")]
    [InlineData(HttpProtocols.Http2, false, "--http2-prior-knowledge")]
    [InlineData(HttpProtocols.Http1AndHttp2, true, "--http2")]
    public async Task Curl_gets_and_posts(HttpProtocols protocols, bool tls, string version)
    {
        Programs.Need("curl");
        await using var site = await StartAsync(protocols, tls);
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

    [Theory]
    [InlineData("")]
    [InlineData("slow")]
    public async Task Wrk_loads_many_connections(string path)
    {
        Programs.Need("wrk");
        await using var site = await StartAsync(HttpProtocols.Http1);

        var (exitCode, output, _) = await Programs.RunAsync("wrk", "-t", "1", "-c", "50", "-d", "1s", $"{site.Address}{path}");

        Assert.Equal(0, exitCode);
        Assert.True(int.Parse(Requests().Match(output).Groups[1].Value, null) > 50, output);
        Assert.DoesNotContain("Non-2xx", output);
        Assert.DoesNotContain("Socket errors", output);
        site.HasNothingToComplain();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task H2load_loads_many_streams(bool tls)
    {
        Programs.Need("h2load");
        await using var site = await StartAsync(tls ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http2, tls);

        var (exitCode, output, error) = await Programs.RunAsync(
            "h2load", "-n", "2000", "-c", "10", "-m", "20", $"{site.Address}", $"{site.Address}slow");

        Assert.Equal(0, exitCode);
        Assert.True(output.Contains("2000 succeeded, 0 failed, 0 errored, 0 timeout"), output + error);
        site.HasNothingToComplain();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Web_sockets_carry_messages_both_ways(bool tls)
    {
        await using var site = await StartAsync(HttpProtocols.Http1, tls);
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

    [Fact]
    public async Task A_connection_can_be_upgraded_to_anything()
    {
        await using var site = await StartAsync(HttpProtocols.Http1);
        using var peer = Peer.Connect(site.Port);

        peer.Send("GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 101", peer.ReadUntil("\r\n\r\n"), StringComparison.Ordinal);
        peer.Send("raw");
        Assert.Equal("raw", peer.ReadUntil("raw"));
        peer.Send(" bytes");
        Assert.Equal(" bytes", peer.ReadUntil(" bytes"));
        peer.EndSending();

        Assert.Equal(0, peer.ReadToEnd());
    }

    [Fact]
    public async Task A_browser_loads_a_page_fetches_and_talks_over_a_web_socket()
    {
        Programs.Need("chromium");
        var done = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var site = await StartAsync(HttpProtocols.Http1, done: done);
        var profile = Directory.CreateTempSubdirectory();
        using var browser = Process.Start(new ProcessStartInfo("chromium", [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
            $"--user-data-dir={profile.FullName}", "--remote-debugging-port=0", $"{site.Address}page"])
        { RedirectStandardError = true })!;
        var errors = browser.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            Assert.Equal("slow, over a socket", await done.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        }
        finally
        {
            browser.Kill(entireProcessTree: true);
            await browser.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        await errors;
        site.HasNothingToComplain();
        try
        {
            profile.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A process of the browser still ends.
        }
    }

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Requests();
}
