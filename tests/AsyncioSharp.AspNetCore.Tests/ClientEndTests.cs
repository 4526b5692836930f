using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AsyncioSharp.AspNetCore.Tests;

/// <summary>Clients that end a connection on which something is written, or could be.</summary>
public abstract class ClientEndTests(Func<EventLoop> newLoop) : OnServerLoop(newLoop)
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Upgrade = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";
    private const int Large = 8_000_000; // more than the system keeps for a client

    private static readonly MinDataRate s_hardlyEver = new(240, TimeSpan.FromHours(1));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_sends_no_more_gets_an_end_and_no_reset_although_the_handler_goes_on(bool tls)
    {
        var release = new TaskCompletionSource();
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            await context.Response.WriteAsync("half");
            await release.Task;
        }), tls: tls);
        using var peer = Peer.Connect(site.Port, tls);
        peer.Send(Get);
        peer.ReadUntil("half\r\n");

        peer.EndSending();

        Assert.Equal((0, false), (peer.ReadToEnd(out var isReset), isReset));
        release.SetResult();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_ends_an_upgraded_connection_gets_an_end_and_no_reset(bool tls)
    {
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            var aborted = Aborted(context);
            context.Response.Headers.Upgrade = "echo";
            await using var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
            var buffer = new byte[100];
            while (await stream.ReadAsync(buffer) is > 0 and var count)
                await stream.WriteAsync(buffer.AsMemory(0, count));
            await aborted; // Kestrel has seen the end before the handler is done
        }), tls: tls);
        using var peer = Peer.Connect(site.Port, tls);
        peer.Send(Upgrade);
        peer.ReadUntil("\r\n\r\n");
        peer.Send("raw");
        peer.ReadUntil("raw");

        peer.EndSending();

        Assert.Equal((0, false), (peer.ReadToEnd(out var isReset), isReset));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_being_written_when_its_client_sent_no_more_comes_whole(bool tls)
    {
        var aborted = new TaskCompletionSource();
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            context.RequestAborted.Register(aborted.SetResult);
            await context.Response.Body.WriteAsync(new byte[Large]);
        }), tls: tls);
        using var peer = Peer.Connect(site.Port, tls);
        peer.Send(Get.Replace("1.1", "1.0"));
        peer.ReadUntil("\r\n\r\n");

        peer.EndSending();
        await aborted.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.Equal((Large, false), (peer.ReadToEnd(out var isReset), isReset));
    }

    // The grace period is one in which nobody looks by himself.
    [Fact]
    public async Task A_connection_whose_client_has_ended_it_is_kept_by_nothing_when_all_was_sent()
    {
        var aborted = new TaskCompletionSource();
        var connections = new List<WeakReference>();
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            connections.Add(new WeakReference(context.Features.GetRequiredFeature<IConnectionSocketFeature>()));
            context.RequestAborted.Register(aborted.SetResult);
            await context.Response.Body.WriteAsync(new byte[Large]);
        }), kestrel: options => options.Limits.MinResponseDataRate = s_hardlyEver);
        using (var peer = Peer.Connect(site.Port))
        {
            peer.Send(Get.Replace("1.1", "1.0"));
            peer.ReadUntil("\r\n\r\n");
            peer.EndSending();
            await aborted.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
            peer.ReadToEnd();
        }

        await Eventually.Until(() =>
        {
            GC.Collect();
            return !connections[0].IsAlive;
        });
    }

    // Kestrel's limits are of real time.
    [Fact]
    public async Task A_client_that_sends_no_more_and_takes_nothing_is_reset_when_it_is_slower_than_allowed()
    {
        var ended = new TaskCompletionSource();
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            context.Response.ContentLength = Large;
            await context.Response.Body.WriteAsync(new byte[Large]);
            ended.SetResult();
        }), kestrel: options => options.Limits.MinResponseDataRate = new MinDataRate(240, TimeSpan.FromSeconds(1.001)));
        using var peer = Peer.Connect(site.Port);
        peer.Send(Get);
        peer.ReadUntil("\r\n\r\n");

        peer.EndSending();
        await ended.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.True(peer.ReadToEnd(out var isReset) < Large);
        Assert.True(isReset);
    }

    [Fact]
    public async Task A_client_that_says_more_than_was_asked_for_sees_the_end_of_its_answer_and_no_reset()
    {
        using var handles = new ManualResetEventSlim();
        using var said = new ManualResetEventSlim();
        await using var site = await StartAsync(app => app.Run(context =>
        {
            handles.Set();
            said.Wait(Patience); // nothing else is received meanwhile
            return context.Response.WriteAsync("answer");
        }));
        using var peer = Peer.Connect(site.Port);
        peer.Send(Get.Replace("Host", "Connection: close\r\nHost"));
        handles.Wait(Patience, TestContext.Current.CancellationToken);

        peer.Send("more");
        said.Set();

        peer.ReadUntil("answer\r\n0\r\n\r\n");
        Assert.Equal((0, false), (peer.ReadToEnd(out var isReset), isReset));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_says_more_than_was_asked_for_gets_the_whole_of_a_long_answer(bool tls)
    {
        const int Long = 1_000_000; // less than the system keeps for a client, and more than that takes without reading
        using var handles = new ManualResetEventSlim();
        using var said = new ManualResetEventSlim();
        var closed = new TaskCompletionSource();
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            context.Features.GetRequiredFeature<IConnectionLifetimeFeature>().ConnectionClosed.Register(closed.SetResult);
            handles.Set();
            said.Wait(Patience); // nothing else is received meanwhile
            await context.Response.Body.WriteAsync(new byte[Long]);
        }), tls: tls);
        using var peer = Peer.Connect(site.Port, tls);
        peer.Send(Get.Replace("1.1", "1.0"));
        handles.Wait(Patience, TestContext.Current.CancellationToken);

        peer.Send("more");
        said.Set();
        await closed.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

        peer.ReadUntil("\r\n\r\n");
        Assert.Equal((Long, false), (peer.ReadToEnd(out var isReset), isReset));
    }

    private static Task Aborted(HttpContext context)
    {
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        context.RequestAborted.Register(aborted.SetResult);
        return aborted.Task;
    }
}

// epoll's on Linux
public sealed class ClientEndTestsOnUsualLoop() : ClientEndTests(EventLoop.New);

public sealed class ClientEndTestsOnIoUring() : ClientEndTests(NewIoUring);
