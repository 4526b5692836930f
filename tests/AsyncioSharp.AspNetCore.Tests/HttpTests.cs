using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace AsyncioSharp.AspNetCore.Tests;

/// <summary>HTTP/1.1 as clients speak it that do as they like.</summary>
public abstract class HttpTests(Func<EventLoop> newLoop) : OnServerLoop(newLoop)
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public async Task Requests_that_come_together_are_answered_together()
    {
        await using var site = await StartAsync(app => app.Run(context => context.Response.WriteAsync("x" + context.Request.Path)));
        using var peer = Peer.Connect(site.Port);

        peer.Send(string.Concat(Enumerable.Range(0, 16).Select(i => Get.Replace("/ ", $"/{i} "))));

        for (var i = 0; i < 16; i++)
            peer.ReadUntil($"x/{i}\r\n0\r\n\r\n");
    }

    [Fact]
    public async Task An_answer_leaves_whole_also_when_its_handler_has_waited()
    {
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            if (context.Request.Path == "/elsewhere")
                await Task.Run(() => { });
            else
                await Asyncio.Yield();
            await context.Response.WriteAsync("ok");
        }));
        using var peer = Peer.Connect(site.Port);

        for (var i = 0; i < 100; i++)
        {
            peer.Send(i % 2 == 0 ? Get : Get.Replace("/ ", "/elsewhere "));
            Assert.EndsWith("ok\r\n0\r\n\r\n", peer.ReadSome(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_flushed_leaves_although_its_handler_goes_on()
    {
        var mayEnd = new TaskCompletionSource();
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            await Asyncio.Yield();
            await context.Response.WriteAsync("first");
            await mayEnd.Task;
            await context.Response.WriteAsync("second");
        }));
        using var peer = Peer.Connect(site.Port);
        peer.Send(Get);

        peer.ReadUntil("first\r\n");
        mayEnd.SetResult();

        peer.ReadUntil("second\r\n0\r\n\r\n");
    }

    [Fact]
    public async Task A_request_may_come_byte_by_byte()
    {
        await using var site = await StartAsync(app => app.Run(context => context.Response.WriteAsync("ok")));
        using var peer = Peer.Connect(site.Port);

        foreach (var letter in Get)
        {
            peer.Send(letter.ToString());
            await Task.Yield();
        }

        Assert.StartsWith("HTTP/1.1 200 OK", peer.ReadUntil("ok\r\n0\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_is_asked_for_with_100_continue()
    {
        await using var site = await StartAsync(app => app.Run(async context =>
            await context.Response.WriteAsync($"got {await new StreamReader(context.Request.Body).ReadToEndAsync()}.")));
        using var peer = Peer.Connect(site.Port);

        peer.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 100 Continue", peer.ReadUntil("\r\n\r\n"), StringComparison.Ordinal);
        peer.Send("body");

        peer.ReadUntil("got body.");
    }

    // As with Kestrel's own transport, which does not mind either whether TLS was told.
    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task A_body_that_ends_too_early_is_not_taken_for_whole(bool tls, bool says)
    {
        var read = new TaskCompletionSource<string>();
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            try
            {
                read.SetResult(await new StreamReader(context.Request.Body).ReadToEndAsync());
            }
            catch (Exception e)
            {
                read.SetException(e);
                throw;
            }
        }), tls: tls);
        using var peer = Peer.Connect(site.Port, tls);

        peer.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
        peer.EndSending(says);

        await Assert.ThrowsAnyAsync<BadHttpRequestException>(
            () => read.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_client_that_goes_cancels_the_coroutine_that_the_handler_awaits()
    {
        var (waiting, canceled) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            try
            {
                await WaitAsync();
            }
            catch (OperationCanceledException)
            {
                canceled.SetResult();
                throw;
            }
        }));
        var peer = Peer.Connect(site.Port);
        peer.Send(Get);
        await waiting.Task;

        peer.Reset();

        await canceled.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        async Coroutine WaitAsync()
        {
            waiting.SetResult();
            await Asyncio.Sleep(TimeSpan.MaxValue);
        }
    }

    [Fact]
    public async Task The_end_of_a_stream_cancels_the_coroutine_that_its_handler_awaits_and_no_other()
    {
        var (waiting, canceled, other) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            if (context.Request.Path == "/other")
            {
                await other.Task;
                await Asyncio.Yield();
                await context.Response.WriteAsync("ok");
                return;
            }
            try
            {
                waiting.SetResult();
                await Asyncio.Sleep(TimeSpan.MaxValue);
            }
            catch (OperationCanceledException)
            {
                canceled.SetResult();
                throw;
            }
        }), protocols: Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http2);
        using var client = ThreadTests.Client();
        using var abort = new CancellationTokenSource();
        var staying = client.SendAsync(ThreadTests.Http2(new Uri(site.Address, "/other")), TestContext.Current.CancellationToken);
        var going = client.SendAsync(ThreadTests.Http2(site.Address), abort.Token);
        await waiting.Task;

        await abort.CancelAsync();

        await canceled.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => going);
        other.SetResult();
        Assert.Equal("ok", await (await staying).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    // The client of HTTP/1.0 takes for the answer whatever comes before the end.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_whose_answer_is_aborted_does_not_take_it_for_whole(bool fromElsewhere)
    {
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            await context.Response.WriteAsync("half");
            await context.Response.Body.FlushAsync();
            await read.Task.ConfigureAwait(!fromElsewhere);
            context.Abort();
        }));
        using var peer = Peer.Connect(site.Port);
        peer.Send(Get.Replace("1.1", "1.0"));
        peer.ReadUntil("half");

        read.SetResult();

        Assert.Equal(0, peer.ReadToEnd(out var isReset));
        Assert.True(isReset);
    }

    [Fact]
    public async Task A_client_that_does_not_read_holds_the_handler_up()
    {
        var written = 0L;
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            var piece = new byte[50_000];
            for (var i = 0; i < 400; i++)
            {
                await context.Response.Body.WriteAsync(piece);
                Interlocked.Add(ref written, piece.Length);
            }
        }), kestrel: options => options.Limits.MinResponseDataRate = null);
        using var peer = Peer.Connect(site.Port);
        peer.Send(Get.Replace("1.1", "1.0"));

        var before = -1L;
        while (before != Volatile.Read(ref written) || before == 0)
        {
            before = Volatile.Read(ref written);
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
        Assert.InRange(before, 1, 15_000_000);
        Assert.True(peer.ReadToEnd() > 20_000_000);
        Assert.Equal(20_000_000, written);
    }

    [Fact]
    public async Task A_handler_that_does_not_read_holds_the_client_up()
    {
        var release = new TaskCompletionSource();
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            await release.Task;
            var (sum, buffer) = (0L, new byte[65536]);
            while (await context.Request.Body.ReadAsync(buffer) is > 0 and var count)
                sum += count;
            await context.Response.WriteAsync($"{sum}.");
        }), kestrel: options => (options.Limits.MaxRequestBodySize, options.Limits.MinRequestBodyDataRate) = (null, null));
        using var peer = Peer.Connect(site.Port);
        var sent = 0L;
        var sending = Task.Run(() =>
        {
            peer.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 40000000\r\n\r\n");
            for (var i = 0; i < 400; i++)
            {
                peer.Send(new byte[100_000]);
                Interlocked.Add(ref sent, 100_000);
            }
        }, TestContext.Current.CancellationToken);

        var before = -1L;
        while (before != Volatile.Read(ref sent) || before == 0)
        {
            before = Volatile.Read(ref sent);
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
        Assert.InRange(before, 1, 30_000_000);
        release.SetResult();
        await sending;

        peer.ReadUntil("40000000.");
    }

    [Fact]
    public async Task A_body_may_have_pieces_that_are_larger_than_the_buffer()
    {
        var value = new string('x', 3_000_000);
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            var read = context.Request.HasFormContentType
                ? (await context.Request.ReadFormAsync())["value"].ToString()
                : await context.Request.ReadFromJsonAsync<string>();
            await context.Response.WriteAsync($"{read == value}");
        }));
        using var peer = Peer.Connect(site.Port);

        foreach (var (type, body) in ((string, string)[])[("application/json", $"\"{value}\""), ("application/x-www-form-urlencoded", $"value={value}")])
        {
            peer.Send($"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n");
            peer.Send(body);
            peer.ReadUntil("True\r\n0\r\n\r\n");
        }
    }

    [Fact]
    public async Task Clients_that_go_at_any_moment_leave_nothing_behind()
    {
        await using var site = await StartAsync(app => app.Run(async context =>
        {
            var count = 0L;
            var buffer = new byte[4096];
            while (await context.Request.Body.ReadAsync(buffer) is > 0 and var more)
                count += more;
            await Asyncio.Sleep(0.001);
            await context.Response.Body.WriteAsync(new byte[100_000]);
        }));
        var request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n" + new string('x', 5000);

        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            var peer = Peer.Connect(site.Port);
            peer.Send(request[..Random.Shared.Next(request.Length + 1)]);
            if (i % 3 == 0)
                await Task.Delay(Random.Shared.Next(4), CancellationToken.None);
            if (i % 2 == 0)
                peer.Reset();
            else
                peer.Dispose();
        });

        using var client = ThreadTests.Client();
        using var answer = await client.PostAsync(site.Address, new ByteArrayContent(new byte[5000]), TestContext.Current.CancellationToken);
        Assert.Equal(100_000, (await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length);
        await site.StopAsync(TestContext.Current.CancellationToken);
        site.HasNothingToComplain();
    }

    [Fact]
    public async Task A_server_that_stops_lets_requests_finish()
    {
        var (waiting, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var site = await StartAsync(app => app.Run(async context =>
        {
            waiting.SetResult();
            await release.Task;
            await Asyncio.Yield();
            await context.Response.WriteAsync("finished");
        }));
        using var peer = Peer.Connect(site.Port);
        peer.Send(Get);
        await waiting.Task;

        var stopping = site.StopAsync(TestContext.Current.CancellationToken);
        await Refused(new IPEndPoint(IPAddress.Loopback, site.Port));
        release.SetResult();

        peer.ReadUntil("finished\r\n0\r\n\r\n");
        await stopping.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await site.DisposeAsync();
        Assert.Equal(0, peer.ReadToEnd());
    }

    [Fact]
    public async Task A_server_that_must_stop_ends_what_is_left()
    {
        var waiting = new TaskCompletionSource();
        var site = await StartAsync(app => app.Run(async context =>
        {
            waiting.SetResult();
            await Asyncio.Sleep(TimeSpan.MaxValue);
        }));
        using var peer = Peer.Connect(site.Port);
        peer.Send(Get);
        await waiting.Task;

        await site.StopAsync(new CancellationToken(true));
        await site.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal(0, peer.ReadToEnd());
    }

    [Fact]
    public async Task Connections_can_be_limited()
    {
        await using var site = await StartAsync(app => app.Run(context => context.Response.WriteAsync("ok")),
            kestrel: options => options.Limits.MaxConcurrentConnections = 1);
        using var first = Peer.Connect(site.Port);
        first.Send(Get);
        first.ReadUntil("ok\r\n0\r\n\r\n");

        using var second = Peer.Connect(site.Port);

        Assert.Equal(0, second.ReadToEnd());
        first.Send(Get);
        first.ReadUntil("ok\r\n0\r\n\r\n");
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0")]
    public async Task Unix_sockets_are_listened_on(string prefix)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "abstract names are Linux's");
        var path = prefix + (prefix == "" ? Path.GetTempPath() : "") + Path.GetRandomFileName();
        await using var site = await StartAsync(app => app.Run(context => context.Response.WriteAsync("ok")),
            listen: options => options.Listen(new UnixDomainSocketEndPoint(path)));
        using var peer = Peer.Connect(new UnixDomainSocketEndPoint(path));

        peer.Send(Get);

        peer.ReadUntil("ok\r\n0\r\n\r\n");
    }

    [Fact]
    public async Task A_unix_socket_is_not_taken_away_from_a_server_that_runs()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var site = await StartAsync(app => app.Run(context => context.Response.WriteAsync("first")),
            listen: options => options.ListenUnixSocket(path));

        var failure = await Assert.ThrowsAsync<IOException>(
            () => StartAsync(app => { }, listen: options => options.ListenUnixSocket(path)));

        Assert.Contains(path, Assert.IsType<AddressInUseException>(failure.InnerException).Message);
        using var peer = Peer.Connect(new UnixDomainSocketEndPoint(path));
        peer.Send(Get);
        peer.ReadUntil("first\r\n0\r\n\r\n");
        site.HasNothingToComplain();
    }

    [Theory]
    [InlineData(SocketType.Stream)]
    [InlineData(SocketType.Dgram)]
    public async Task A_unix_socket_is_not_taken_away_from_a_program_that_accepts_nobody(SocketType type)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the queue is Linux's");
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var other = UnixSocket(type);
        other.Bind(new UnixDomainSocketEndPoint(path));
        using var first = UnixSocket(SocketType.Stream);
        if (type == SocketType.Stream)
        {
            other.Listen(0);
            first.Connect(new UnixDomainSocketEndPoint(path)); // no more fit in
        }

        var failure = await Assert.ThrowsAsync<IOException>(
            () => StartAsync(app => { }, listen: options => options.ListenUnixSocket(path)));

        Assert.IsType<AddressInUseException>(failure.InnerException);
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task The_file_of_a_unix_socket_that_was_left_behind_is_replaced()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using (var stale = UnixSocket(SocketType.Stream))
        {
            stale.Bind(new UnixDomainSocketEndPoint(path));
            stale.Listen();
            File.Move(path, path + "-"); // .NET would remove it
        }
        File.Move(path + "-", path);
        await using var site = await StartAsync(app => app.Run(context => context.Response.WriteAsync("ok")),
            listen: options => options.ListenUnixSocket(path));
        using var peer = Peer.Connect(new UnixDomainSocketEndPoint(path));

        peer.Send(Get);

        peer.ReadUntil("ok\r\n0\r\n\r\n");
    }

    [Fact]
    public async Task A_listening_socket_can_be_handed_over()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "descriptors");
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        var descriptor = (ulong)socket.SafeHandle.DangerousGetHandle();
        socket.SafeHandle.SetHandleAsInvalid();
        await using var site = await StartAsync(app => app.Run(context => context.Response.WriteAsync("ok")),
            listen: options => options.ListenHandle(descriptor));
        using var peer = Peer.Connect(port);

        peer.Send(Get);

        peer.ReadUntil("ok\r\n0\r\n\r\n");
    }

    [Fact]
    public async Task An_address_in_use_is_told_as_ever()
    {
        await using var site = await StartAsync(app => { });

        var failure = await Assert.ThrowsAsync<IOException>(
            () => StartAsync(app => { }, listen: options => options.Listen(IPAddress.Loopback, site.Port)));

        Assert.IsType<AddressInUseException>(failure.InnerException);
    }

    [Fact]
    public async Task Loops_that_the_program_runs_can_be_used_and_are_left()
    {
        await using var group = LoopGroup.Start(
            new LoopGroupOptions { Count = 1, Runner = new RunnerOptions { LoopFactory = () => new PortableEventLoop() } });
        await using (var site = await StartAsync(app => app.Run(async context =>
        {
            await Asyncio.Yield();
            await context.Response.WriteAsync(EventLoop.Running.GetType().Name);
        }), options => options.Group = group))
        {
            using var client = ThreadTests.Client();
            Assert.Equal(nameof(PortableEventLoop), await client.GetStringAsync(site.Address, TestContext.Current.CancellationToken));
            await site.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(1, await group.RunAsync(async () =>
        {
            await Asyncio.Yield();
            return 1;
        }));
    }

    private static Socket UnixSocket(SocketType type) => new(AddressFamily.Unix, type, ProtocolType.Unspecified);
}

// epoll's on Linux
public sealed class HttpTestsOnUsualLoop() : HttpTests(EventLoop.New);

public sealed class HttpTestsOnIoUring() : HttpTests(NewIoUring);
