using System.Collections.Concurrent;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Playwright;

namespace AsyncioSharp.AspNetCore.Tests;

/// <summary>A browser as the client. What it does with WebSockets over HTTP/2, and how it takes back a request, no other client does.</summary>
public sealed class BrowserTests(Browser browser) : IClassFixture<Browser>
{
    /// <summary>What a browser speaks: it knows HTTP/2 only over TLS.</summary>
    public static TheoryData<HttpProtocols, bool, string> Protocols => new()
    {
        { HttpProtocols.Http1, false, "HTTP/1.1" },
        { HttpProtocols.Http1, true, "HTTP/1.1" },
        { HttpProtocols.Http1AndHttp2, true, "HTTP/2" },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task It_loads_a_page_and_fetches_much_at_once(HttpProtocols protocols, bool tls, string protocol)
    {
        var seen = new ConcurrentQueue<(string Path, string Protocol)>();
        await using var site = await PeerSite.StartAsync(protocols, tls, seen);
        var page = await browser.OpenAsync(site);

        Assert.Equal("A page", await page.TitleAsync());
        Assert.Equal(50, await page.EvaluateAsync<int>("""
            async () => {
                const texts = await Promise.all(Array.from({ length: 50 }, async () => (await fetch('/slow')).text()));
                return texts.filter(text => text == 'slow').length;
            }
            """));
        Assert.True(await page.EvaluateAsync<bool>("""
            async () => {
                const sent = Uint8Array.from({ length: 2_000_000 }, (_, i) => i * 7 ^ i >> 8);
                const got = new Uint8Array(await (await fetch('/echo-body', { method: 'POST', body: sent })).arrayBuffer());
                return got.length == sent.length && got.every((letter, i) => letter == sent[i]);
            }
            """));

        await page.CloseAsync();
        Assert.Equal(52, seen.Count(request => request.Path != "/favicon.ico"));
        Assert.All(seen, request => Assert.Equal(protocol, request.Protocol));
        site.HasNothingToComplain();
    }

    // Over HTTP/2 a stream of the page's connection becomes the socket.
    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task It_talks_over_a_web_socket(HttpProtocols protocols, bool tls, string protocol)
    {
        var seen = new ConcurrentQueue<(string Path, string Protocol)>();
        await using var site = await PeerSite.StartAsync(protocols, tls, seen);
        var page = await browser.OpenAsync(site);

        var result = await page.EvaluateAsync<string>("""
            () => new Promise(resolve => {
                const socket = new WebSocket(location.href.replace('http', 'ws').replace('/page', '/echo'));
                const got = [];
                socket.onopen = () => ['one', 'two', 'x'.repeat(50_000)].forEach(message => socket.send(message));
                socket.onmessage = event => {
                    got.push(event.data.length);
                    if (got.length == 3)
                        socket.close(1000);
                };
                socket.onclose = event => resolve(`${got} ${event.wasClean} ${event.code}`);
            })
            """);

        Assert.Equal("3,3,50000 true 1000", result);
        Assert.Contains(("/echo", protocol), seen);
        await page.CloseAsync();
        site.HasNothingToComplain();
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task It_closes_server_sent_events_which_cancels_the_handler_and_nothing_else(HttpProtocols protocols, bool tls, string protocol)
    {
        var canceled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var site = await PeerSite.StartAsync(protocols, tls, canceled: canceled);
        var page = await browser.OpenAsync(site);

        var last = await page.EvaluateAsync<string>("""
            () => new Promise(resolve => {
                const source = new EventSource('/events');
                source.onmessage = event => {
                    if (!event.data.startsWith('3'))
                        return;
                    source.close();
                    resolve(event.data);
                };
            })
            """);

        await canceled.Task.WaitAsync(Eventually.Patience, Token);
        var connection = await page.EvaluateAsync<string>("async () => (await fetch('/connection')).text()");
        Assert.Equal(protocol == "HTTP/2", last == $"3 over {connection}"); // one stream has ended, and not its connection
        await page.CloseAsync();
        site.HasNothingToComplain();
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task A_page_that_is_left_cancels_what_it_waits_for(HttpProtocols protocols, bool tls, string protocol)
    {
        var seen = new ConcurrentQueue<(string Path, string Protocol)>();
        var canceled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var site = await PeerSite.StartAsync(protocols, tls, seen, canceled);
        var page = await browser.OpenAsync(site);
        await page.EvaluateAsync("async () => { await fetch('/events'); }");

        await page.CloseAsync();

        await canceled.Task.WaitAsync(Eventually.Patience, Token);
        Assert.Contains(("/events", protocol), seen);
        site.HasNothingToComplain();
    }
}
