using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Net.WebSockets;
using AsyncioSharp.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

[assembly: AssemblyFixture(typeof(AsyncioSharp.Http.Tests.Kestrel))]

namespace AsyncioSharp.Http.Tests;

/// <summary>A server that is not ours, for all tests: plain, over TLS with HTTP/1.1 or HTTP/2, and on a Unix socket.</summary>
public sealed class Kestrel : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gone = new();
    private readonly ConcurrentDictionary<string, bool> _come = new();
    private WebApplication _application = null!;
    private int _atOnce;

    public Uri Plain { get; private set; } = null!;

    public Uri Secure { get; private set; } = null!;

    public string UnixSocket { get; } = Path.Combine(Path.GetTempPath(), $"kestrel-{Environment.ProcessId}.sock");

    /// <summary>The most requests to /together that were under way at a time.</summary>
    public int MostAtOnce { get; private set; }

    /// <summary>Ends when the server has seen that the client of a request to /wait or /drip has gone.</summary>
    public Task GoneAsync(string name) => Gone(name).Task;

    /// <summary>Whether a request to /wait has come.</summary>
    public bool HasCome(string name) => _come.ContainsKey(name);

    public async ValueTask InitializeAsync()
    {
        File.Delete(UnixSocket);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(Certificates.Localhost);
            });
            kestrel.ListenUnixSocket(UnixSocket);
        });
        _application = builder.Build();
        _application.UseWebSockets();
        _application.Run(AnswerAsync);
        await _application.StartAsync();
        var ports = _application.Urls.Where(url => !url.Contains("unix", StringComparison.Ordinal)).Select(url => new Uri(url).Port).ToArray();
        Plain = new Uri($"http://127.0.0.1:{ports[0]}/");
        Secure = new Uri($"https://localhost:{ports[1]}/");
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        File.Delete(UnixSocket);
    }

    private TaskCompletionSource Gone(string name) =>
        _gone.GetOrAdd(name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers["X-Connection"] = context.Connection.Id;
        response.Headers["X-Protocol"] = request.Protocol;
        switch (request.Path.Value)
        {
            case "/hello":
                await response.WriteAsync("Hello");
                break;
            case "/json":
                await response.WriteAsJsonAsync(new { name = "Ada", year = 1815 });
                break;
            case "/echo":
                response.ContentLength = request.ContentLength;
                await request.Body.CopyToAsync(response.Body);
                break;
            case "/store":
                var stored = new MemoryStream();
                await request.Body.CopyToAsync(stored);
                await response.Body.WriteAsync(stored.GetBuffer().AsMemory(0, (int)stored.Length));
                break;
            case "/bytes":
                await response.Body.WriteAsync(new byte[int.Parse(request.Query["count"]!)]);
                break;
            case "/together":
                var now = Interlocked.Increment(ref _atOnce);
                MostAtOnce = Math.Max(MostAtOnce, now);
                await Task.Delay(20);
                Interlocked.Decrement(ref _atOnce);
                break;
            case "/wait":
                await UntilGoneAsync(context);
                break;
            case "/drip":
                await response.WriteAsync("The beginning");
                await response.Body.FlushAsync();
                await UntilGoneAsync(context);
                break;
            case "/redirect":
                response.Redirect("/hello");
                break;
            case "/set-cookie":
                response.Cookies.Append("taste", "sweet");
                break;
            case "/cookie":
                await response.WriteAsync(request.Cookies["taste"] ?? "none");
                break;
            case "/gzip":
                response.Headers.ContentEncoding = "gzip";
                await using (var gzip = new GZipStream(response.Body, CompressionMode.Compress))
                    await gzip.WriteAsync("zipped"u8.ToArray());
                break;
            case "/trace":
                await response.WriteAsync(request.Headers.TraceParent.ToString());
                break;
            case "/abort":
                await response.WriteAsync("The beginning");
                await response.Body.FlushAsync();
                context.Abort();
                break;
            case "/socket":
                await EchoAsync(context);
                break;
            default:
                response.StatusCode = StatusCodes.Status404NotFound;
                break;
        }
    }

    private async Task UntilGoneAsync(HttpContext context)
    {
        _come[context.Request.Query["name"]!] = true;
        try
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            Gone(context.Request.Query["name"]!).SetResult();
        }
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync(context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault());
        var buffer = new byte[16 * 1024];
        for (; ; )
        {
            var part = await socket.ReceiveAsync(buffer, CancellationToken.None);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "as you like", CancellationToken.None);
                return;
            }
            if (part is { Count: 4, MessageType: WebSocketMessageType.Text } && buffer.AsSpan(0, 4).SequenceEqual("lost"u8))
            {
                context.Features.Get<IHttpRequestLifetimeFeature>()!.Abort();
                return;
            }
            await socket.SendAsync(buffer.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, CancellationToken.None);
        }
    }
}
