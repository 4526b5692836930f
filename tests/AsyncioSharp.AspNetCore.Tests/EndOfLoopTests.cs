using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace AsyncioSharp.AspNetCore.Tests;

/// <summary>Loops that end before the server: their connections end, and those that are about to come to them, and Kestrel waits for none.</summary>
public abstract class EndOfLoopTests(Func<EventLoop> newLoop) : OnServerLoop(newLoop)
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    // It is told to stop, and about to, when the connection sets out. What is wanted of that meanwhile waits for its arrival.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_ends_with_the_loop_to_which_it_is_moving(bool isAborted)
    {
        using var release = new ManualResetEventSlim();
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (connection, target) = (default(IAsyncioConnectionFeature), default(EventLoop));
        await using var group = StartGroup(Options(2));
        var site = await StartAsync(app => app.Run(async context =>
        {
            connection = context.Features.Get<IAsyncioConnectionFeature>()!;
            target = LoopGroup.Current!.Loops[LoopGroup.CurrentIndex ^ 1];
            context.Features.Get<IConnectionLifetimeFeature>()!.ConnectionClosed.Register(closed.SetResult);
            Hold(target, release, static () => EventLoop.Running.Stop());
            connection.MoveTo(target);
            await context.Response.WriteAsync("ok");
        }), options => options.Group = group);
        using var peer = Peer.Connect(site.Port);
        peer.Send(Get);
        peer.ReadUntil("ok\r\n0\r\n\r\n");
        await Until(() => ReferenceEquals(connection!.Loop, target)); // it is on its way
        if (isAborted)
            ((ConnectionContext)connection!).Abort();

        release.Set();

        await closed.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        ReadToEnd(peer);
        await site.StopAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        await site.DisposeAsync();
    }

    // In each of the turns in which that ends, and after them.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(20)]
    public async Task A_connection_stays_where_it_is_when_the_loop_to_which_it_is_to_move_ends(int turns)
    {
        using var release = new ManualResetEventSlim();
        var target = default(EventLoop);
        await using var group = StartGroup(Options(2));
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            if (target is null)
            {
                target = LoopGroup.Current!.Loops[LoopGroup.CurrentIndex ^ 1];
                using var isHeld = new ManualResetEventSlim();
                target.CallSoonThreadsafe(() =>
                {
                    EventLoop.Running.Stop();
                    After(turns, () =>
                    {
                        isHeld.Set();
                        release.Wait(Patience);
                    });
                });
                SpinWait.SpinUntil(() => isHeld.IsSet || target.IsClosed, Patience);
            }
            context.Features.Get<IAsyncioConnectionFeature>()!.MoveTo(target);
            await context.Response.WriteAsync("ok");
        }), options => options.Group = group);
        using var peer = Peer.Connect(site.Port);

        for (var i = 0; i < 3; i++)
        {
            peer.Send(Get);
            peer.ReadUntil("ok\r\n0\r\n\r\n");
        }

        release.Set();
        site.HasNothingToComplain();
    }

    // Whichever turn it is in: the connection is served on, or ends, and does not hang.
    [Fact]
    public async Task A_connection_that_moves_while_the_other_loop_ends_goes_on_or_ends()
    {
        for (var i = 0; i < 30; i++)
        {
            var count = 0;
            await using var group = StartGroup(Options(2));
            var site = await StartAsync(app => app.Run(async context =>
            {
                if (count++ == 0)
                {
                    var target = LoopGroup.Current!.Loops[LoopGroup.CurrentIndex ^ 1];
                    context.Features.Get<IAsyncioConnectionFeature>()!.MoveTo(target);
                    context.Response.OnCompleted(() =>
                    {
                        target.CallSoonThreadsafe(() => EventLoop.Running.Stop());
                        Thread.SpinWait(i * 200);
                        return Task.CompletedTask;
                    });
                }
                await context.Response.WriteAsync("ok");
            }), options => options.Group = group);
            using var peer = Peer.Connect(site.Port);
            peer.Send(Get);
            peer.ReadUntil("ok\r\n0\r\n\r\n");

            SendAndReadToEnd(peer, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

            await site.StopAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
            await site.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_ends_with_its_loop(bool withinRequest)
    {
        var (closed, handled) =
            (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource<Exception?>());
        await using var group = StartGroup(Options(1));
        var site = await StartAsync(app => app.Run(async context =>
        {
            context.Features.Get<IConnectionLifetimeFeature>()!.ConnectionClosed.Register(closed.SetResult);
            await context.Response.WriteAsync("ok");
            await context.Response.Body.FlushAsync();
            if (withinRequest)
                handled.SetResult(await Record.ExceptionAsync(async () => await context.Request.Body.ReadExactlyAsync(new byte[10])));
        }), options => options.Group = group);
        using var peer = Peer.Connect(site.Port);
        peer.Send(withinRequest ? "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n" : Get);
        peer.ReadUntil(withinRequest ? "ok\r\n" : "ok\r\n0\r\n\r\n");

        group.Loops[0].CallSoonThreadsafe(() => EventLoop.Running.Stop());

        await closed.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        if (withinRequest)
            Assert.NotNull(await handled.Task.WaitAsync(Patience, TestContext.Current.CancellationToken));
        ReadToEnd(peer);
        await site.StopAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        await site.DisposeAsync();
    }

    [Fact]
    public async Task Connections_go_on_when_a_handler_cancels_all_tasks_of_its_loop()
    {
        await using var group = StartGroup(Options(1));
        await using var site = await StartAsync(static app => app.Run(CancelAndAnswerAsync), options => options.Group = group);
        using var before = Peer.Connect(site.Port);
        before.Send(Get);
        before.ReadUntil("ok\r\n0\r\n\r\n");
        using var canceler = Peer.Connect(site.Port);

        for (var i = 0; i < 2; i++)
        {
            canceler.Send("GET /cancel HTTP/1.1\r\nHost: a\r\n\r\n");
            canceler.ReadUntil("ok\r\n0\r\n\r\n");
            before.Send(Get);
            before.ReadUntil("ok\r\n0\r\n\r\n");
            using var after = Peer.Connect(site.Port);
            after.Send(Get);
            after.ReadUntil("ok\r\n0\r\n\r\n");
        }

        site.HasNothingToComplain();
    }

    [Fact]
    public async Task A_handler_that_cancels_its_own_task_cancels_the_request_and_not_the_next_ones()
    {
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            if (context.Request.Path == "/cancel")
                Asyncio.CurrentTask!.Cancel();
            var outcome = "ok";
            try
            {
                await Asyncio.Sleep(0.001);
            }
            catch (OperationCanceledException)
            {
                outcome = "canceled";
            }
            await context.Response.WriteAsync(outcome);
        }));
        using var peer = Peer.Connect(site.Port);

        for (var i = 0; i < 3; i++)
        {
            peer.Send(Get);
            peer.ReadUntil("ok\r\n0\r\n\r\n");
            peer.Send("GET /cancel HTTP/1.1\r\nHost: a\r\n\r\n");
            peer.ReadUntil("canceled\r\n0\r\n\r\n");
        }
        site.HasNothingToComplain();
    }

    // Cancels all tasks but its own, if so asked.
    private static async Task CancelAndAnswerAsync(HttpContext context)
    {
        if (context.Request.Path == "/cancel")
        {
            foreach (var task in Asyncio.AllTasks().Where(static task => task != Asyncio.CurrentTask))
                task.Cancel();
        }
        Assert.False(Asyncio.CancellationToken.IsCancellationRequested);
        await Asyncio.Sleep(0.001);
        await context.Response.WriteAsync("ok");
    }

    [Fact]
    public async Task Connections_also_go_on_while_the_group_lets_them_finish()
    {
        await using var group = StartGroup(Options(1));
        var site = await StartAsync(static app => app.Run(CancelAndAnswerAsync), options => options.Group = group);
        using var before = Peer.Connect(site.Port);
        before.Send(Get);
        before.ReadUntil("ok\r\n0\r\n\r\n");
        using var canceler = Peer.Connect(site.Port);
        canceler.Send(Get);
        canceler.ReadUntil("ok\r\n0\r\n\r\n");

        var stopping = group.StopAsync(Patience);
        foreach (var _ in (int[])[0, 1])
        {
            canceler.Send("GET /cancel HTTP/1.1\r\nHost: a\r\n\r\n");
            canceler.ReadUntil("ok\r\n0\r\n\r\n");
            before.Send(Get);
            before.ReadUntil("ok\r\n0\r\n\r\n");
        }
        before.EndSending();
        canceler.EndSending();
        before.ReadToEnd();
        canceler.ReadToEnd();

        Assert.Equal(0, (await stopping.WaitAsync(Patience, TestContext.Current.CancellationToken)).AbortedConnections);
        await site.StopAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        await site.DisposeAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData(Get)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n")]
    public async Task Connections_do_not_hold_up_the_end_of_their_loop(string request)
    {
        await using var group = StartGroup(Options(1));
        var site = await StartAnsweringAsync(group);
        using var peer = Peer.Connect(site.Port);
        if (request != "")
        {
            peer.Send(request);
            peer.ReadUntil("ok\r\n");
        }
        else
        {
            using var other = Peer.Connect(site.Port); // whose answer tells that the one before was accepted
            other.Send(Get);
            other.ReadUntil("ok\r\n");
        }

        await StopLoopAsync(group, site, peer);
    }

    // Of a task that is to start at once, the factory makes one that waits for its turn, in which it is cancelled.
    [Theory]
    [InlineData("")]
    [InlineData(Get)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n")]
    public async Task Connections_do_not_hold_up_the_end_of_their_loop_whatever_its_task_factory_does(string request)
    {
        var factory = new CancelingFactory();
        await using var group = StartGroup(Options(1));
        await group.RunAsync(() =>
        {
            EventLoop.Running.TaskFactory = factory;
            return Coroutine.Completed;
        }, TestContext.Current.CancellationToken);
        var site = await StartAnsweringAsync(group);
        await group.RunAsync(static () => Coroutine.Completed, TestContext.Current.CancellationToken);
        factory.StopCanceling();
        using var peer = Peer.Connect(site.Port);
        using var other = Peer.Connect(site.Port); // whose answer tells that the one before was accepted
        if (request != "")
        {
            peer.Send(request);
            peer.ReadUntil("ok\r\n");
        }
        other.Send(Get);
        other.ReadUntil("ok\r\n");

        await StopLoopAsync(group, site, peer);
    }

    // As above, for the turn in which the loop hears of it that it is to serve no more: that is done, cancelled, or comes too late.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_site_stops_while_one_of_its_loops_ends(int turns)
    {
        using var isHeld = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        await using var group = StartGroup(Options(2));
        var site = await StartAsync(app => { }, options => options.Group = group);
        group.Loops[1].CallSoonThreadsafe(() =>
        {
            EventLoop.Running.Stop();
            After(turns, () =>
            {
                isHeld.Set();
                release.Wait(Patience);
            });
        });
        SpinWait.SpinUntil(() => isHeld.IsSet || group.Loops[1].IsClosed, Patience);

        var stopping = site.StopAsync(TestContext.Current.CancellationToken);
        release.Set();

        await stopping.WaitAsync(Patience, TestContext.Current.CancellationToken);
        await site.DisposeAsync();
        site.HasNothingToComplain();
    }

    [Fact]
    public async Task Kestrel_does_not_go_on_within_the_closing_of_a_loop()
    {
        var wait = new TaskCompletionSource(); // goes on inline
        var (entered, wentOn) = (NewSource<bool>(), NewSource<bool>());
        await using var group = StartGroup(Options(1, TimeSpan.FromMilliseconds(50)));
        var site = await StartAsync(app => app.Run(async context =>
        {
            context.Response.OnCompleted(() =>
            {
                wentOn.SetResult(Thread.CurrentThread.IsThreadPoolThread);
                return Task.CompletedTask;
            });
            entered.SetResult(true);
            await wait.Task.ConfigureAwait(false);
        }), options => options.Group = group);
        using var peer = Peer.Connect(site.Port);
        peer.Send(Get);
        await entered.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        var loop = group.Loops[0];

        Again();
        loop.CallSoonThreadsafe(() => EventLoop.Running.Stop());

        Assert.True(await wentOn.Task.WaitAsync(Patience, TestContext.Current.CancellationToken));
        await site.StopAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        await site.DisposeAsync();

        // Until the loop closes, which drops it: then the handler ends.
        void Again() => loop.CallSoonThreadsafe(Again, null, otherwise: wait.SetResult);
    }

    [Fact]
    public async Task A_first_read_that_the_loop_can_not_serve_any_more_fails()
    {
        var (begun, read) = (NewSource<bool>(), NewSource<Exception?>());
        using var stopped = new ManualResetEventSlim();
        await using var group = StartGroup(Options(1, TimeSpan.FromMilliseconds(50)));
        var site = await StartAsync(app => { }, options => options.Group = group, listen: PipeTests.Serving(async connection =>
        {
            connection.ConnectionClosed.Register(() => stopped.Wait(Patience)); // it hears nothing of the end but by reading
            begun.SetResult(true);
            await Until(() => group.Loops[0].IsClosed);
            read.SetResult(await Record.ExceptionAsync(async () => await connection.Transport.Input.ReadAsync()));
        }));
        using var peer = Peer.Connect(site.Port);
        await begun.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

        group.Loops[0].CallSoonThreadsafe(() => EventLoop.Running.Stop());

        var failure = await read.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        stopped.Set();
        Assert.IsType<ConnectionAbortedException>(failure);
        await site.StopAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        await site.DisposeAsync();
    }

    // It answers at once, and then waits for the rest of the request.
    private Task<Site> StartAnsweringAsync(LoopGroup group) => StartAsync(app => app.Run(async context =>
    {
        await context.Response.WriteAsync("ok");
        await context.Response.Body.FlushAsync();
        await context.Request.Body.CopyToAsync(Stream.Null);
    }), options => options.Group = group);

    // The connection ends with its loop, although a peer holds on to it, and nothing is reported.
    private static async Task StopLoopAsync(LoopGroup group, Site site, Peer peer)
    {
        group.Loops[0].CallSoonThreadsafe(() => EventLoop.Running.Stop());

        await Until(() => group.Loops[0].IsClosed);
        ReadToEnd(peer);
        await site.StopAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        await site.DisposeAsync();
        site.HasNothingToComplain();
    }

    private static TaskCompletionSource<T> NewSource<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static void After(int turns, Action action)
    {
        if (turns == 0)
            action();
        else
            EventLoop.Running.CallSoon(() => After(turns - 1, action));
    }

    // Nothing may hold up the end of a loop for so long.
    private static LoopGroupOptions Options(int count, TimeSpan? patience = null) => new()
    {
        Count = count,
        Runner = new RunnerOptions { TaskShutdownTimeout = patience ?? 10 * Patience },
    };

    private static void ReadToEnd(Peer peer) => SendAndReadToEnd(peer, "");

    private static void SendAndReadToEnd(Peer peer, string request)
    {
        try
        {
            if (request != "")
                peer.Send(request);
            peer.ReadToEnd();
        }
        catch (Exception e) when (e is IOException or SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown })
        {
            // It was told that this is the end.
        }
    }
}

// epoll's on Linux
public sealed class EndOfLoopTestsOnUsualLoop() : EndOfLoopTests(EventLoop.New);

public sealed class EndOfLoopTestsOnIoUring() : EndOfLoopTests(NewIoUring);
