using System.Net.Http;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Interop;

/// <summary>The stock HTTP client, against a server on the same loop.</summary>
public abstract class HttpClientTests(EventLoop loop) : InteropTests(loop)
{
    [Fact]
    public void HttpClient_is_at_home() => Run(async () =>
    {
        var silent = 0;
        await using var server = await ServeAsync(AnswerAsync);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port(server)}/") };
        await AssertAtHomeAsync(
            async token => Assert.Equal("hello", await http.GetStringAsync("hello", token)),
            token => http.GetStringAsync("silent", token),
            BegunAsync);
        server.CloseClients();

        async Coroutine BegunAsync()
        {
            await Until(() => silent > 0);
            silent = 0;
        }

        async Coroutine AnswerAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
        {
            await using (writer)
            {
                while ((await reader.ReadLineAsync()) is { Length: > 0 } request)
                {
                    while ((await reader.ReadLineAsync()).AsSpan().TrimEnd("\r\n"u8).Length > 0)
                    {
                    }
                    if (request.AsSpan().StartsWith("GET /silent"u8))
                        silent++;
                    else
                        writer.Write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"u8);
                }
            }
        }
    });
}

public sealed class EpollHttpClientTests() : HttpClientTests(new EpollEventLoop());

public sealed class IoUringHttpClientTests() : HttpClientTests(IoUring.NewLoop());

public sealed class PortableHttpClientTests() : HttpClientTests(new PortableEventLoop());
