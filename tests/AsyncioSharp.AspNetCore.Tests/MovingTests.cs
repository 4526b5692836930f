using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AsyncioSharp.AspNetCore.Tests;

/// <summary>Connections that move to another loop between two requests.</summary>
public abstract class MovingTests(Func<EventLoop> newLoop) : OnServerLoop(newLoop)
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_moves_to_the_loop_that_a_handler_asks_for_and_stays_there(bool tls)
    {
        var places = new ConcurrentQueue<int>();
        EventLoop[] loops = [];
        IAsyncioConnectionFeature? seen = null;
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            var feature = seen = context.Features.Get<IAsyncioConnectionFeature>()!;
            Assert.Same(EventLoop.Running, feature.Loop);
            places.Enqueue(LoopGroup.CurrentIndex);
            loops = [.. LoopGroup.Current!.Loops];
            if (context.Request.Path != "/stay")
                feature.MoveTo(LoopGroup.Current!.Loops[context.Request.Path == "/0" ? 0 : 1]);
            await Asyncio.Yield(); // a coroutine of the loop where it is now
            Assert.Same(feature.Loop, Asyncio.CurrentTask!.Loop);
            await context.Response.WriteAsync("ok");
        }), tls: tls);
        using var client = ThreadTests.Client();

        foreach (var (path, place) in (IEnumerable<(string, int)>)[("/0", 0), ("/stay", 0),
            ("/1", 1), ("/stay", 1), ("/stay", 1), ("/0", 0), ("/0", 0), ("/stay", 0)])
        {
            var answer = await client.GetAsync(new Uri(site.Address, path));
            site.HasNothingToComplain();
            Assert.Equal("ok", await answer.Content.ReadAsStringAsync());
            await Until(() => ReferenceEquals(seen!.Loop, loops[place])); // it goes a moment after the answer
        }

        Assert.Equal([0, 0, 1, 1, 1, 0, 0], places.Skip(1));
        site.HasNothingToComplain();
    }

    [Fact]
    public async Task Nothing_is_lost_or_mixed_up_when_connections_move_all_the_time()
    {
        var (moved, last) = (0, new ConcurrentDictionary<string, EventLoop>());
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            var feature = context.Features.Get<IAsyncioConnectionFeature>()!;
            Assert.Same(EventLoop.Running, feature.Loop);
            if (last.TryGetValue(context.Connection.Id, out var before) && before != feature.Loop)
                Interlocked.Increment(ref moved);
            last[context.Connection.Id] = feature.Loop;
            MoveToOther(context);
            if (context.Request.Headers.ContainsKey("slow"))
                await Task.Delay(1);
            var text = await new StreamReader(context.Request.Body).ReadToEndAsync();
            context.Response.ContentLength = text.Length;
            await context.Response.WriteAsync(text);
        }));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(() =>
        {
            var random = new Random(number);
            using var peer = Peer.Connect(site.Port);
            for (var i = 0; i < 100; i++)
            {
                // Several together, cut anywhere; a whole burst at once, or so that parts of it come while the connection is on its way.
                var texts = Enumerable.Range(0, random.Next(1, 4))
                    .Select(j => new string((char)('a' + j), random.Next(0, 5000)) + $" {number} {i} {j}").ToArray();
                var all = string.Concat(texts.Select(text =>
                    $"POST / HTTP/1.1\r\nHost: a\r\n{(random.Next(5) == 0 ? "slow: 1\r\n" : "")}Content-Length: {text.Length}\r\n\r\n{text}"));
                var cut = random.Next(all.Length);
                peer.Send(all[..cut]);
                if (random.Next(2) == 0)
                    Thread.Yield();
                peer.Send(all[cut..]);
                foreach (var text in texts)
                {
                    peer.ReadUntil("\r\n\r\n");
                    Assert.Equal(text, Encoding.ASCII.GetString(peer.Read(text.Length)));
                }
            }
        })));

        Assert.InRange(moved, 400, 8 * 300); // of 800 bursts; between requests that come together there is no move
        site.HasNothingToComplain();
    }

    [Fact]
    public async Task A_client_may_go_at_any_moment_of_a_move()
    {
        var group = StartGroup(new LoopGroupOptions { Count = 2 });
        await using var site = await StartAsync(app => app.Run(MoveAndAnswerAsync), transport: options => options.Group = group);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Run(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                using var peer = Peer.Connect(site.Port);
                peer.Send(Get);
                peer.ReadUntil("ok\r\n0\r\n\r\n");
                if (i % 4 != 0)
                    Thread.SpinWait(i * 20);
                switch (i % 3)
                {
                    case 0:
                        peer.Reset();
                        break;
                    case 1:
                        peer.EndSending();
                        Assert.Equal(0, peer.ReadToEnd());
                        break;
                    default:
                        peer.Send("GET / HT"); // half a request, and gone
                        break;
                }
            }
        })));

        site.HasNothingToComplain();
        await site.StopAsync(TestContext.Current.CancellationToken);
        var end = await group.StopAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((0, 0), (end.AbortedConnections, end.CanceledTasks)); // nothing was left on the loops that it would have had to wait for
    }

    // Before the first turn of its arrival, and in those that follow.
    [Fact]
    public async Task A_connection_arrives_also_when_all_tasks_of_the_loop_are_cancelled_to_which_it_moves()
    {
        using var release = new ManualResetEventSlim();
        var (connection, target) = (default(IAsyncioConnectionFeature), default(EventLoop));
        await using var group = StartGroup(new LoopGroupOptions { Count = 2 });
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            if (connection is null)
            {
                connection = context.Features.Get<IAsyncioConnectionFeature>()!;
                target = LoopGroup.Current!.Loops[LoopGroup.CurrentIndex ^ 1];
                Hold(target, release);
                connection.MoveTo(target);
            }
            await context.Response.WriteAsync("ok");
        }), options => options.Group = group);
        using var peer = Peer.Connect(site.Port);
        peer.Send(Get);
        peer.ReadUntil("ok\r\n0\r\n\r\n");
        await Until(() => ReferenceEquals(connection!.Loop, target));
        // Behind the turn in which it has set out.
        await group.RunAsync(group.Loops.First(loop => loop != target), () => Coroutine.Completed, TestContext.Current.CancellationToken);

        target!.CallSoonThreadsafe(() => CancelAll(turns: 5));
        release.Set();

        peer.Send(Get);
        peer.ReadUntil("ok\r\n0\r\n\r\n");
        Assert.Same(target, connection!.Loop);
        site.HasNothingToComplain();

        static void CancelAll(int turns)
        {
            foreach (var task in Asyncio.AllTasks().Where(static task => task.Name != "connection"))
                task.Cancel();
            if (turns > 1)
                EventLoop.Running.CallSoon(() => CancelAll(turns - 1));
        }
    }

    // Of a task that is to start at once, the factory makes one that waits for its turn, in which it is cancelled.
    [Fact]
    public async Task A_connection_moves_whatever_the_task_factories_of_the_loops_do()
    {
        var connection = default(IAsyncioConnectionFeature);
        await using var group = StartGroup(new LoopGroupOptions { Count = 2 });
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            connection = context.Features.Get<IAsyncioConnectionFeature>()!;
            MoveToOther(context);
            await context.Response.WriteAsync("ok");
        }), options => options.Group = group);
        using var peer = Peer.Connect(site.Port);
        peer.Send(Get);
        peer.ReadUntil("ok\r\n0\r\n\r\n");
        await group.RunOnEachAsync(static () =>
        {
            EventLoop.Running.TaskFactory = new CancelingFactory { Spares = "connection" };
            return Coroutine.Completed;
        }, TestContext.Current.CancellationToken);

        for (var i = 0; i < 3; i++)
        {
            var before = connection!.Loop;
            peer.Send(Get);
            peer.ReadUntil("ok\r\n0\r\n\r\n");
            await Until(() => connection!.Loop != before);
        }

        site.HasNothingToComplain();
    }

    [Fact]
    public async Task A_server_stops_while_connections_move()
    {
        var site = await StartAsync(app => app.Run(MoveAndAnswerAsync));
        var clients = await AskAsync(site, 8);

        await site.StopAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        await clients.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        site.HasNothingToComplain();
        await site.DisposeAsync();
    }

    [Fact]
    public async Task One_that_is_aborted_when_it_is_to_move_ends()
    {
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            MoveToOther(context);
            await context.Response.WriteAsync("ok");
            context.Response.OnCompleted(() =>
            {
                context.Abort();
                return Task.CompletedTask;
            });
        }));

        for (var i = 0; i < 20; i++)
        {
            using var peer = Peer.Connect(site.Port);
            peer.Send(Get);
            peer.ReadToEnd();
        }

        site.HasNothingToComplain();
    }

    [Fact]
    public async Task One_that_moves_holds_an_application_up_at_the_same_limit()
    {
        const int Limit = 500_000;
        var written = new ConcurrentQueue<int>();
        await using var site = await StartAsync(
            app => app.Run(async context =>
            {
                MoveToOther(context);
                if (context.Request.Path != "/much")
                {
                    await context.Response.WriteAsync("ok");
                    return;
                }
                var (count, piece) = (0, new byte[10_000]);
                var held = false;
                while (!held)
                {
                    var write = context.Response.Body.WriteAsync(piece);
                    held = !write.IsCompleted;
                    count += piece.Length;
                    if (held)
                        written.Enqueue(count);
                    await write;
                }
            }),
            transport: options => options.MaxWriteBufferSize = Limit);
        using var peer = Peer.Connect(site.Port);
        peer.Send(Get);
        peer.ReadUntil("ok\r\n0\r\n\r\n");

        peer.Send("GET /much HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        await Until(() => !written.IsEmpty);
        peer.ReadToEnd();

        Assert.All(written, count => Assert.InRange(count, Limit, 100_000_000));
    }

    [Fact]
    public async Task Where_the_group_has_ended_nothing_waits_for_a_move()
    {
        var group = StartGroup(new LoopGroupOptions { Count = 2 });
        var site = await StartAsync(app => app.Run(MoveAndAnswerAsync), transport: options => options.Group = group);
        var clients = await AskAsync(site, 4);

        await group.StopAsync(TimeSpan.Zero);

        await clients.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await site.StopAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await site.DisposeAsync();
    }

    [Fact]
    public async Task A_handler_that_still_runs_is_not_moved_away_from()
    {
        var loops = new ConcurrentQueue<EventLoop>();
        await using var site = await StartAsync(app => app.UseWebSockets().Run(async context =>
        {
            MoveToOther(context);
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[10];
            while (await socket.ReceiveAsync(buffer, default) is { MessageType: not WebSocketMessageType.Close } message)
            {
                loops.Enqueue(EventLoop.Running);
                await Asyncio.Yield();
                await socket.SendAsync(buffer.AsMemory(0, message.Count), WebSocketMessageType.Text, true, default);
            }
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
        }));
        using var client = new ClientWebSocket();

        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{site.Port}/"), TestContext.Current.CancellationToken);
        for (var i = 0; i < 10; i++)
        {
            await client.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
            Assert.Equal(5, (await client.ReceiveAsync(new byte[10], TestContext.Current.CancellationToken)).Count);
        }
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);

        Assert.Equal(10, loops.Count);
        Assert.Single(loops.Distinct());
        site.HasNothingToComplain();
    }

    [Fact]
    public async Task A_move_that_makes_no_sense_is_refused()
    {
        var refused = new ConcurrentQueue<Exception?>();
        IAsyncioConnectionFeature? kept = null;
        await using var site = await StartAsync(app => app.Run(context =>
        {
            var feature = kept = context.Features.Get<IAsyncioConnectionFeature>()!;
            using var foreign = EventLoop.New();
            refused.Enqueue(Record.Exception(() => feature.MoveTo(null!)));
            refused.Enqueue(Record.Exception(() => feature.MoveTo(foreign)));
            refused.Enqueue(Record.Exception(() => feature.MoveTo(feature.Loop)));
            return context.Response.WriteAsync("ok");
        }), protocols: HttpProtocols.Http1AndHttp2, tls: true);
        using var client = ThreadTests.Client();

        Assert.Equal("ok", await client.GetStringAsync(site.Address));
        Assert.Equal([typeof(ArgumentNullException), typeof(ArgumentException), null], refused.Select(e => e?.GetType()));
        Assert.IsType<InvalidOperationException>(Record.Exception(() => kept!.MoveTo(kept.Loop)));
        refused.Clear();
        Assert.Equal("ok", await (await client.SendAsync(ThreadTests.Http2(site.Address))).Content.ReadAsStringAsync());

        Assert.Equal([typeof(ArgumentNullException), typeof(ArgumentException), typeof(InvalidOperationException)],
            refused.Select(e => e?.GetType()));
    }

    [Fact]
    public async Task A_connection_goes_to_the_loop_near_its_client_wherever_that_goes()
    {
        var processors = OperatingSystem.IsLinux() ? ProcessorOfThread.Allowed : [];
        Assert.SkipUnless(processors.Length is > 1 and <= 16, "there have to be several processors, and not very many");
        var seen = new ConcurrentQueue<int>();
        await using var site = await StartAsync(
            app => app.Run(context =>
            {
                seen.Enqueue(LoopGroup.CurrentIndex);
                return context.Response.WriteAsync("ok");
            }),
            transport: options => options.Loops = new LoopGroupOptions { Count = processors.Length, Placement = LoopPlacement.OwnProcessor });
        var found = new List<int>();

        await Task.Factory.StartNew(() =>
        {
            using var peer = Peer.Connect(site.Port);
            for (var round = 0; round < 6; round++)
            {
                var near = round % 2;
                ProcessorOfThread.Bind(processors[near]);
                for (var start = DateTime.UtcNow; ;)
                {
                    Assert.True(DateTime.UtcNow - start < TimeSpan.FromSeconds(30), "it does not come nearer");
                    peer.Send(Get);
                    peer.ReadUntil("ok\r\n0\r\n\r\n");
                    if (seen.Last() == near)
                        break;
                }
                found.Add(near);
            }
        }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        Assert.Equal([0, 1, 0, 1, 0, 1], found);
        site.HasNothingToComplain();
    }

    private static void MoveToOther(HttpContext context) =>
        context.Features.Get<IAsyncioConnectionFeature>()!.MoveTo(LoopGroup.Current!.Loops[LoopGroup.CurrentIndex ^ 1]);

    private static Task MoveAndAnswerAsync(HttpContext context)
    {
        MoveToOther(context);
        return context.Response.WriteAsync("ok");
    }

    // Clients that ask again and again until the server ends their connections; once that goes on for some time.
    private static async Task<Task> AskAsync(Site site, int count)
    {
        var answered = 0;
        var peers = Enumerable.Range(0, count).Select(_ => Peer.Connect(site.Port)).ToArray();
        var asking = Task.WhenAll(peers.Select(peer => Task.Run(() => Ask(peer))));
        await Until(() => Volatile.Read(ref answered) > 25 * count);
        return asking;

        void Ask(Peer peer)
        {
            using (peer)
            {
                try
                {
                    while (true)
                    {
                        peer.Send(Get);
                        peer.ReadUntil("ok\r\n0\r\n\r\n");
                        Interlocked.Increment(ref answered);
                    }
                }
                catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
                {
                    // It was told that this is the end.
                }
            }
        }
    }
}

// epoll's on Linux
public sealed class MovingTestsOnUsualLoop() : MovingTests(EventLoop.New);

public sealed class MovingTestsOnIoUring() : MovingTests(NewIoUring);
