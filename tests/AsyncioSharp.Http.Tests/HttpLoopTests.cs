using System.Net;
using AsyncioSharp.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace AsyncioSharp.Http.Tests;

/// <summary>To which loop a handler belongs, and what happens elsewhere and afterwards.</summary>
public abstract class HttpLoopTests(EventLoop loop, Func<EventLoop> factory, Kestrel kestrel) : OnHttp(loop, kestrel)
{
    private Uri Hello => new(Kestrel.Plain, "hello");

    [Fact]
    public void A_handler_belongs_to_the_loop_where_it_was_made() => Run(async () =>
    {
        using var http = NewClient();
        using var other = new EventLoopThread(new RunnerOptions { LoopFactory = factory });
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => other.RunAsync(async () => await http.GetStringAsync(Hello)));
        Assert.Contains("another event loop", failure.Message, StringComparison.Ordinal);
        Assert.Equal("Hello", await http.GetStringAsync(Hello));
    });

    [Fact]
    public void A_handler_made_elsewhere_belongs_to_the_loop_where_it_is_used_first()
    {
        var handler = AsyncioHttpHandler.Create();
        Assert.Null(handler.Loop);
        using var http = new HttpClient(handler);
        Run(async () => Assert.Equal("Hello", await http.GetStringAsync(Hello)));
        Assert.Same(Loop, handler.Loop);
    }

    [Fact]
    public async Task Without_a_loop_it_says_so()
    {
        using var http = new HttpClient(AsyncioHttpHandler.Create());
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => http.GetStringAsync(Hello));
        Assert.Contains("no event loop yet", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loop_can_be_given()
    {
        var handler = AsyncioHttpHandler.Create(options: new AsyncioHttpOptions { Loop = Loop });
        Assert.Same(Loop, handler.Loop);
        using var http = new HttpClient(handler);
        Run(async () => Assert.Equal("Hello", await http.GetStringAsync(Hello)));
    }

    [Fact]
    public void A_thread_of_the_pool_may_use_it() => Run(async () =>
    {
        using var http = NewClient();
        var texts = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => http.GetStringAsync(Hello))));
        Assert.All(texts, text => Assert.Equal("Hello", text));
        Assert.Equal("Hello", await http.GetStringAsync(Hello));
    });

    [Fact]
    public void After_its_loop_was_closed_it_says_so_and_can_be_disposed_of()
    {
        HttpClient http = null!;
        HttpResponseMessage response = null!;
        Task<int> pending = null!;
        Asyncio.Run(async () =>
        {
            http = NewClient();
            await http.GetStringAsync(Hello);
            response = await http.GetAsync(new Uri(Kestrel.Plain, $"drip?name={Guid.NewGuid()}"), HttpCompletionOption.ResponseHeadersRead);
            await Task.Run(async () =>
            {
                var body = await response.Content.ReadAsStreamAsync();
                await body.ReadExactlyAsync(new byte[13]);
                pending = body.ReadAsync(new byte[1]).AsTask();
            });
        }, new RunnerOptions { LoopFactory = factory });

        Assert.ThrowsAny<Exception>(() => pending.GetAwaiter().GetResult()); // it ends, rather than waiting for ever
        Run(async () =>
        {
            var failure = await Expect.ThrowsAsync<InvalidOperationException>(async () => await http.GetStringAsync(Hello));
            Assert.Contains("another event loop", failure.Message, StringComparison.Ordinal);
        });
        var closed = Assert.Throws<ObjectDisposedException>(() => http.GetStringAsync(Hello).GetAwaiter().GetResult());
        Assert.Contains("is closed", closed.Message, StringComparison.Ordinal);
        response.Dispose();
        http.Dispose();
    }

    [Fact]
    public void In_debug_mode_a_pool_of_connections_is_not_reported_when_the_loop_closes()
    {
        var reports = new List<ExceptionContext>();
        HttpClient? http = null;
        Asyncio.Run(async () =>
        {
            EventLoop.Running.ExceptionHandler = (_, report) => reports.Add(report);
            http = NewClient();
            await http.GetStringAsync(Hello);
        }, new RunnerOptions { LoopFactory = factory, Debug = true });
        Assert.Empty(reports);
        http!.Dispose();
    }

    [Fact]
    public void A_synchronous_request_is_refused() => Run(async () =>
    {
        using var http = NewClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, Hello);
        Assert.Throws<NotSupportedException>(() => http.Send(request));
    });

    [Fact]
    public void What_cannot_be_is_refused_at_once()
    {
        Assert.Throws<InvalidOperationException>(() => AsyncioHttpHandler.Create(sockets => sockets.ConnectCallback = (_, _) => default));
        Assert.Throws<ArgumentException>(
            () => AsyncioHttpHandler.Create(options: new AsyncioHttpOptions { Connection = new ConnectionOptions { Tls = new() } }));
        Assert.Throws<InvalidOperationException>(() => new CoroutineContent(async _ => { }));
    }

    [Fact]
    public void A_factory_of_clients_makes_such_handlers() => Run(async () =>
    {
        var services = new ServiceCollection();
        services.AddHttpClient("kestrel", http => http.BaseAddress = Kestrel.Plain).UseAsyncio(sockets => sockets.UseProxy = false)
            .SetHandlerLifetime(TimeSpan.FromSeconds(1));
        await using var provider = services.BuildServiceProvider();
        var factory = provider.GetRequiredService<IHttpClientFactory>();
        var thread = Environment.CurrentManagedThreadId;
        var task = Asyncio.CurrentTask;
        for (var i = 0; i < 3; i++)
        {
            using var http = factory.CreateClient("kestrel");
            Assert.Equal("Hello", await http.GetStringAsync("hello"));
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
            Assert.Same(task, Asyncio.CurrentTask);
        }
        var name = Guid.NewGuid().ToString();
        var waiting = Asyncio.CreateTask(WaitAsync(factory.CreateClient("kestrel"), name));
        await Until(() => Kestrel.HasCome(name));
        waiting.Cancel();
        await Expect.ThrowsAsync<CanceledException>(waiting);
        await Kestrel.GoneAsync(name);

        static async Coroutine WaitAsync(HttpClient http, string name) => await http.GetAsync($"wait?name={name}");
    });

    [Fact]
    public void Clients_of_a_factory_are_used_on_several_loops_and_after_one_was_closed()
    {
        var services = new ServiceCollection();
        services.AddHttpClient("kestrel", http => http.BaseAddress = Kestrel.Plain).UseAsyncio(static sockets => sockets.UseProxy = false);
        using var provider = services.BuildServiceProvider();
        var clients = provider.GetRequiredService<IHttpClientFactory>();
        var early = Assert.Throws<InvalidOperationException>(() => clients.CreateClient("kestrel").GetStringAsync("hello").GetAwaiter().GetResult());
        Assert.Contains("No event loop runs", early.Message, StringComparison.Ordinal);
        Asyncio.Run(AskAsync, new RunnerOptions { LoopFactory = factory });
        using (var other = new EventLoopThread(new RunnerOptions { LoopFactory = factory }))
        {
            Run(async () =>
            {
                await AskAsync();
                Assert.Equal("Hello", await Task.Run(() => clients.CreateClient("kestrel").GetStringAsync("hello"))); // there is one loop only
                await other.RunAsync(AskAsync);
                await AskAsync();
                var which = await Expect.ThrowsAsync<InvalidOperationException>(
                    async () => await Task.Run(() => clients.CreateClient("kestrel").GetStringAsync("hello")));
                Assert.Contains("on several", which.Message, StringComparison.Ordinal);
            });
        }

        async Coroutine AskAsync()
        {
            var thread = Environment.CurrentManagedThreadId;
            Assert.Equal("Hello", await clients.CreateClient("kestrel").GetStringAsync("hello"));
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
        }
    }

    [Fact]
    public void A_proxy_of_the_environment_is_not_for_a_Unix_socket() => Run(async () =>
    {
        SocketsHttpHandler? seen = null;
        using (AsyncioHttpHandler.Create(sockets => seen = sockets, new AsyncioHttpOptions { UnixSocketPath = Kestrel.UnixSocket }))
            Assert.False(seen!.UseProxy);
        using (AsyncioHttpHandler.Create(sockets => seen = sockets))
            Assert.True(seen.UseProxy);
        await Asyncio.Yield();
    });

    [Fact]
    public void An_idle_connection_may_be_ended_by_the_pools_timer() => Run(async () =>
    {
        var ended = 0;
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await using (writer)
            {
                while (await ReadHeadAsync(reader) is { Length: > 0 })
                    Write(writer, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
            ended++;
        });
        using var http = NewClient(sockets => sockets.PooledConnectionIdleTimeout = TimeSpan.FromMilliseconds(100));
        Assert.Equal("ok", await http.GetStringAsync(Address(server)));
        await Until(() => ended == 1); // real time: it is .NET's timer
        Assert.Equal("ok", await http.GetStringAsync(Address(server)));
    });
}

public sealed class HttpLoopsOnEpoll(Kestrel kestrel) : HttpLoopTests(new EpollEventLoop(), static () => new EpollEventLoop(), kestrel);

public sealed class HttpLoopsOnIoUring(Kestrel kestrel) : HttpLoopTests(IoUring.NewLoop(), static () => IoUring.NewLoop(), kestrel);

public sealed class HttpLoopsOnPortableLoop(Kestrel kestrel) : HttpLoopTests(new PortableEventLoop(), static () => new PortableEventLoop(), kestrel);
