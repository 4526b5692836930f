using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using AsyncioSharp.Tests;

namespace AsyncioSharp.Http.Tests;

/// <summary>nginx as a server of HttpClient, and curl as a client of ours.</summary>
public sealed class OtherProgramTests(Kestrel kestrel) : OnHttp(new EpollEventLoop(), kestrel)
{
    private static string? Find(string program) =>
        ((string[])["/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin"])
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    [Fact]
    public void Nginx_serves_ranges_and_compressed_pages_on_connections_that_stay_open() => Run(async () =>
    {
        var nginx = Find("nginx");
        Assert.SkipUnless(nginx is not null, "nginx is not installed.");
        var folder = Directory.CreateTempSubdirectory("nginx").FullName;
        var socket = Path.Combine(folder, "socket");
        var page = string.Concat(Enumerable.Repeat("All work and no play. ", 5000));
        await File.WriteAllTextAsync(Path.Combine(folder, "page.html"), page);
        await File.WriteAllTextAsync(Path.Combine(folder, "page.txt"), page); // which is not compressed, and so has ranges
        await File.WriteAllTextAsync(Path.Combine(folder, "nginx.conf"), $$"""
            daemon off; master_process off; pid {{folder}}/pid; error_log stderr crit;
            events {}
            http {
                types { text/html html; text/plain txt; }
                access_log off; client_body_temp_path {{folder}}; proxy_temp_path {{folder}}; fastcgi_temp_path {{folder}}; uwsgi_temp_path {{folder}}; scgi_temp_path {{folder}};
                server {
                    listen unix:{{socket}}; root {{folder}}; gzip on;
                    location = /slow { limit_rate 10k; alias {{folder}}/page.html; }
                }
            }
            """);
        using var server = Process.Start(nginx!, ["-p", folder, "-c", Path.Combine(folder, "nginx.conf")]);
        try
        {
            var endPoint = new UnixDomainSocketEndPoint(socket);
            await Until(() => Eventually.CanConnect(endPoint) || server.HasExited); // the file is there before it listens
            using var http = NewClient(
                sockets => sockets.AutomaticDecompression = DecompressionMethods.All, new AsyncioHttpOptions { UnixSocketPath = socket });
            http.BaseAddress = new Uri("http://nginx/");
            for (var i = 0; i < 10; i++)
                Assert.Equal(page, await http.GetStringAsync("page.html"));
            using var request = new HttpRequestMessage(HttpMethod.Get, "page.txt") { Headers = { Range = new RangeHeaderValue(100, 199) } };
            using var response = await http.SendAsync(request);
            Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
            Assert.Equal(page[100..200], await response.Content.ReadAsStringAsync());
            // Real: nginx sends slowly.
            await Expect.ThrowsAsync<TimeoutException>(() => Asyncio.Timeout(0.2, async _ => await http.GetStringAsync("slow")));
            using var missing = await http.GetAsync("missing");
            Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync();
            Directory.Delete(folder, recursive: true);
        }
    });

    [Fact]
    public void Curl_is_told_that_a_WebSocket_is_no_page() => Run(async () =>
    {
        Assert.SkipUnless(Find("curl") is not null, "curl is not installed.");
        await using var server = await AsyncioWebSocket.StartServerAsync(static async _ => { }, "127.0.0.1", 0);
        var curl = await Asyncio.CreateSubprocessExecAsync(
            "curl", ["-s", "-o", "/dev/null", "-w", "%{http_code}", Address(server).ToString()],
            new SubprocessOptions { StandardOutput = Stdio.Pipe });
        var (output, _) = await curl.CommunicateAsync();
        Assert.Equal("400", System.Text.Encoding.ASCII.GetString(output!));
    });
}
