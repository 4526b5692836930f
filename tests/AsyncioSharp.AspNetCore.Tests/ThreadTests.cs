using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AsyncioSharp.AspNetCore.Tests;

/// <summary>On which threads requests are handled.</summary>
public abstract class ThreadTests(Func<EventLoop> newLoop) : OnServerLoop(newLoop)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_is_parsed_handled_and_answered_on_the_thread_of_the_loop_that_owns_its_connection(bool tls)
    {
        var seen = new ConcurrentQueue<(string What, int Thread, int Loop)>();
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            Note(context, "handled");
            await Task.Delay(1); // completed on another thread
            Note(context, "after a .NET task");
            await Asyncio.Sleep(0.001);
            Note(context, "after a coroutine");
            context.Response.OnStarting(() =>
            {
                Note(context, "answered");
                return Task.CompletedTask;
            });
            await context.Response.WriteAsync("ok");
            Note(context, "written");
            context.Response.OnCompleted(() =>
            {
                Note(context, "completed");
                return Task.CompletedTask;
            });
        }), tls: tls);
        using var client = Client();

        for (var i = 0; i < 5; i++)
            Assert.Equal("ok", await client.GetStringAsync(site.Address));

        await Until(() => seen.Count == 30);
        Assert.All(seen, note => Assert.Equal((note.What, note.Loop), (note.What, note.Thread)));
        Assert.Single(seen.Select(note => note.Thread).Distinct()); // one connection
        site.HasNothingToComplain();

        void Note(HttpContext context, string what) =>
            seen.Enqueue((what, Environment.CurrentManagedThreadId, ThreadOf(context.Features.Get<IAsyncioConnectionFeature>()!.Loop)));
    }

    [Fact]
    public async Task A_connection_is_on_its_loop_before_anything_else_runs_for_it()
    {
        var seen = new TaskCompletionSource<(bool IsOnLoop, SynchronizationContext? Context)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var site = await StartAsync(app => { }, listen: options => options.Listen(IPAddress.Loopback, 0, endpoint =>
            endpoint.Run(connection =>
            {
                var loop = connection.Features.Get<IAsyncioConnectionFeature>()!.Loop;
                seen.SetResult((loop.IsOnThread, SynchronizationContext.Current));
                return Task.CompletedTask;
            })));

        using var peer = Peer.Connect(site.Port);

        Assert.Equal((true, null), await seen.Task);
    }

    [Fact]
    public async Task Requests_are_handled_on_the_loop_also_where_the_application_has_endpoint_defaults_of_its_own()
    {
        await using var site = await StartAsync(
            app => app.Run(async context =>
            {
                await Asyncio.Sleep(0.001);
                await context.Response.WriteAsync($"{context.Features.Get<IAsyncioConnectionFeature>()!.Loop.IsOnThread}");
            }),
            listen: options =>
            {
                options.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http1);
                options.Listen(IPAddress.Loopback, 0);
            });
        using var client = Client();

        for (var i = 0; i < 5; i++)
            Assert.Equal("True", await client.GetStringAsync(site.Address));
    }

    [Fact]
    public async Task Bodies_are_read_and_written_on_that_thread()
    {
        var threads = new ConcurrentDictionary<int, bool>();
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            var buffer = new byte[10_000];
            while (await context.Request.Body.ReadAsync(buffer) is > 0 and var count)
            {
                threads[Environment.CurrentManagedThreadId] = EventLoop.RunningOrNull is not null;
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, count));
                threads[Environment.CurrentManagedThreadId] = EventLoop.RunningOrNull is not null;
            }
        }));
        using var client = Client();
        var data = new byte[3_000_000];
        Random.Shared.NextBytes(data);

        var answer = await client.PostAsync(site.Address, new ByteArrayContent(data));

        Assert.Equal(data, await answer.Content.ReadAsByteArrayAsync());
        Assert.True(Assert.Single(threads).Value);
    }

    [Fact]
    public async Task Streams_of_one_connection_are_handled_on_its_thread_each_by_a_task_of_its_own()
    {
        var seen = new ConcurrentQueue<(int Thread, AsyncioTask? Task)>();
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            seen.Enqueue((Environment.CurrentManagedThreadId, Asyncio.CurrentTask));
            await Asyncio.Sleep(0.01);
            seen.Enqueue((Environment.CurrentManagedThreadId, Asyncio.CurrentTask));
            await context.Response.WriteAsync("ok");
        }), protocols: HttpProtocols.Http2);
        using var client = Client();

        await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
            Assert.Equal("ok", await (await client.SendAsync(Http2(site.Address))).Content.ReadAsStringAsync())));

        Assert.Equal(20, seen.Count);
        Assert.Single(seen.Select(note => note.Thread).Distinct());
        Assert.Equal(10, seen.Select(note => note.Task).Distinct().Count());
        Assert.DoesNotContain(seen, note => note.Task is null);
        site.HasNothingToComplain();
    }

    [Fact]
    public async Task Nothing_breaks_where_a_handler_leaves_the_thread()
    {
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            var body = new MemoryStream();
            await Task.Run(() => context.Request.Body.CopyToAsync(body));
            await Task.Delay(1).ConfigureAwait(false);
            Assert.Null(EventLoop.RunningOrNull);
            for (var i = 0; i < 100; i++)
            {
                await context.Response.WriteAsync($"{i} ").ConfigureAwait(false);
                if (i % 10 == 0)
                    await Task.Yield();
            }
            await context.Response.Body.WriteAsync(body.ToArray()).ConfigureAwait(false);
            await context.Features.Get<IAsyncioConnectionFeature>()!.SwitchToLoop();
            Assert.NotNull(EventLoop.RunningOrNull);
            await Asyncio.Yield();
        }));
        using var client = Client();
        var numbers = string.Concat(Enumerable.Range(0, 100).Select(i => $"{i} "));

        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            var text = new string((char)('a' + i), 100_000);
            var answer = await client.PostAsync(site.Address, new StringContent(text));
            Assert.Equal(numbers + text, await answer.Content.ReadAsStringAsync());
        }));

        site.HasNothingToComplain();
    }

    [Fact]
    public async Task An_answer_does_not_wait_for_what_has_come_to_the_loop_meanwhile()
    {
        var seen = new ConcurrentQueue<string>();
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            context.Response.OnCompleted(() =>
            {
                seen.Enqueue(Asyncio.CurrentTask is null ? "answered" : "answered on behalf of a task that is done with it");
                return Task.CompletedTask;
            });
            await Task.Yield();
            EventLoop.Running.CallSoon(() => seen.Enqueue("next"));
            await context.Response.WriteAsync("ok");
        }));
        using var client = Client();

        Assert.Equal("ok", await client.GetStringAsync(site.Address));

        await Until(() => seen.Count == 2);
        Assert.Equal(["answered", "next"], seen);
    }

    [Fact]
    public async Task Other_tasks_do_not_find_the_next_request_in_the_middle_of_themselves()
    {
        var seen = new ConcurrentQueue<string>();
        await using var site = await StartAsync(app => app.Run(context =>
        {
            seen.Enqueue("begins");
            var handled = new TaskCompletionSource();
            EventLoop.Running.CreateTask(HandleAsync());
            return handled.Task;

            async Coroutine HandleAsync()
            {
                await Asyncio.Yield();
                var task = Asyncio.CurrentTask;
                await context.Response.WriteAsync("ok");
                handled.SetResult();
                seen.Enqueue(ReferenceEquals(task, Asyncio.CurrentTask) ? "goes on" : "is another");
            }
        }));
        using var peer = Peer.Connect(site.Port);

        peer.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");

        await Until(() => seen.Count == 4);
        Assert.Equal(["begins", "goes on", "begins", "goes on"], seen);
        site.HasNothingToComplain();
    }

    [Fact]
    public async Task Other_tasks_that_begin_at_once_do_not_either()
    {
        var seen = new ConcurrentQueue<string>();
        await using var site = await StartAsync(app => app.Run(context =>
        {
            seen.Enqueue("begins");
            var handled = new TaskCompletionSource();
            _ = HandleAsync();
            return handled.Task;

            async Task HandleAsync()
            {
                await Task.Yield();
                _ = EventLoop.Running.CreateTask(EndAsync(), eagerStart: true);
            }

            async Coroutine EndAsync()
            {
                handled.SetResult();
                seen.Enqueue("goes on");
                await Asyncio.Yield();
            }
        }));
        using var peer = Peer.Connect(site.Port);

        for (var i = 0; i < 4; i++)
            peer.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");

        await Until(() => seen.Count == 16);
        Assert.Equal(Enumerable.Repeat<string[]>(["begins", "goes on"], 8).SelectMany(two => two), seen);
        site.HasNothingToComplain();
    }

    [Fact]
    public async Task Connections_are_spread_over_the_loops()
    {
        var loops = new ConcurrentDictionary<EventLoop, int>();
        await using var site = await StartAsync(app => app.Run(context =>
        {
            loops.AddOrUpdate(EventLoop.Running, 1, (_, count) => count + 1);
            return context.Response.WriteAsync("ok");
        }), transport: options => options.Loops = new LoopGroupOptions { Count = 2 });

        List<Peer> peers = [];
        for (var i = 0; i < 20; i++)
        {
            peers.Add(Peer.Connect(site.Port));
            peers[^1].Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            peers[^1].ReadUntil("ok");
        }
        peers.ForEach(peer => peer.Dispose());

        Assert.Equal(2, loops.Count);
        Assert.All(loops.Values, count => Assert.InRange(count, 8, 12));
    }

    [Fact]
    public async Task A_connection_has_the_features_that_applications_ask_for()
    {
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            var socket = context.Features.Get<IConnectionSocketFeature>()!.Socket;
            Assert.Equal(context.Connection.LocalPort, ((IPEndPoint)socket.LocalEndPoint!).Port);
            Assert.NotNull(context.Features.Get<IMemoryPoolFeature>());
            Assert.False(context.Features.Get<IConnectionLifetimeFeature>()!.ConnectionClosed.IsCancellationRequested);
            await context.Response.WriteAsync($"{context.Connection.Id} {context.Connection.RemoteIpAddress}");
        }));
        using var client = Client();

        var (first, second) = (await client.GetStringAsync(site.Address), await client.GetStringAsync(site.Address));

        Assert.Equal(first, second);
        Assert.EndsWith(" 127.0.0.1", first, StringComparison.Ordinal);
    }

    internal static HttpRequestMessage Http2(Uri address) => new(HttpMethod.Get, address)
    {
        Version = new Version(2, 0),
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    internal static HttpClient Client() => new(new SocketsHttpHandler
    {
        SslOptions = new System.Net.Security.SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    })
    { Timeout = TimeSpan.FromSeconds(60) };

    private static int ThreadOf(EventLoop loop) => loop.IsOnThread ? Environment.CurrentManagedThreadId : -1;
}

// epoll's on Linux
public sealed class ThreadTestsOnUsualLoop() : ThreadTests(EventLoop.New);

public sealed class ThreadTestsOnIoUring() : ThreadTests(NewIoUring);
