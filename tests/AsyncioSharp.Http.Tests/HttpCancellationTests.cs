using System.Net;
using System.Net.Sockets;
using AsyncioSharp.Tests;

namespace AsyncioSharp.Http.Tests;

/// <summary>Cancelling a coroutine cancels its request, at whatever stage that is; nobody passes a token.</summary>
public abstract class HttpCancellationTests(EventLoop loop, Kestrel kestrel) : OnHttp(loop, kestrel)
{
    // That of the task, that of the request, and those in between; none waits for input or output.
    private const int FewTurns = 10;

    // Cancels a request as soon as something holds, and checks that its task ends by that. On the loop it takes a few turns; where
    // .NET has the pool tell who waits, as long as that takes.
    private static async Coroutine CancelAsync(Func<Coroutine> body, Func<bool> when, bool onLoop)
    {
        var task = Asyncio.CreateTask(body());
        await Until(when);
        await Expect.Turns(5);
        Assert.False(task.IsCompleted, "It ended before it was cancelled.");
        await CancelAsync(task, onLoop);
    }

    private static async Coroutine CancelAsync(AsyncioTask task, bool onLoop)
    {
        task.Cancel();
        if (onLoop)
            Assert.InRange(await TurnsUntilEndAsync(task), 1, FewTurns);
        else
            await Asyncio.Wait([task]);
        Assert.True(task.IsCanceled, $"{task}");
    }

    [Fact]
    public void A_request_can_be_cancelled_while_the_name_is_looked_up() => Run(async () =>
    {
        var (asked, cancelled) = (false, false);
        EventLoop.Running.AddressResolver = async (_, _) =>
        {
            asked = true;
            try
            {
                await Asyncio.Sleep(3600);
            }
            catch (CanceledException)
            {
                cancelled = true;
                throw;
            }
            return [];
        };
        using (var http = NewClient())
            await CancelAsync(async () => await http.GetAsync("http://slow.test/"), () => asked, onLoop: false);
        await Until(() => cancelled); // at the latest when the handler is disposed of
    });

    [Fact]
    public void A_request_can_be_cancelled_while_it_connects() => Run(async () =>
    {
        // Nobody accepts, and the queue is full: the system answers no more.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var waiting = new List<Socket>();
        for (var i = 0; i < 8; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            waiting.Add(socket);
            _ = socket.ConnectAsync(listener.LocalEndPoint!); // the first are in the queue when this returns, and of the others nothing is heard
        }
        var asked = false;
        EventLoop.Running.AddressResolver = async (_, _) =>
        {
            asked = true;
            return [IPAddress.Loopback];
        };
        using (var http = NewClient())
        {
            await CancelAsync(
                async () => await http.GetAsync($"http://full.test:{((IPEndPoint)listener.LocalEndPoint!).Port}/"), () => asked, onLoop: false);
        }
        waiting.ForEach(socket => socket.Dispose());
    });

    [Fact]
    public void A_request_can_be_cancelled_in_the_TLS_handshake() => Run(async () =>
    {
        var (hello, ended) = (false, false);
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await using (writer)
            {
                hello = (await reader.ReadAsync(100)).Length > 0;
                await EndAsync(reader);
                ended = true;
            }
        });
        using (var http = NewClient(sockets => sockets.ConnectTimeout = TimeSpan.FromSeconds(1)))
            await CancelAsync(async () => await http.GetAsync(Address(server, scheme: "https")), () => hello, onLoop: false);
        // .NET goes on with the connection, for a later request, until its own time is up: real time.
        await Until(() => ended);
    });

    [Fact]
    public void A_request_can_be_cancelled_while_it_is_sent() => Run(async () =>
    {
        var (came, ended) = (false, false);
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await using (writer)
            {
                await ReadHeadAsync(reader);
                came = true;
                await Until(() => ended);
            }
        });
        using var http = NewClient();
        await CancelAsync(async () => await http.PostAsync(Address(server), new ByteArrayContent(new byte[20_000_000])), () => came, onLoop: false);
        ended = true;
    });

    [Fact]
    public void A_request_can_be_cancelled_while_a_coroutine_writes_it() => Run(async () =>
    {
        var ended = false;
        using var http = NewClient();
        await CancelAsync(async () => await http.PostAsync(new Uri(Kestrel.Plain, "echo"), new CoroutineContent(async body =>
        {
            await body.WriteAsync("The beginning"u8.ToArray());
            try
            {
                ended = true;
                await Asyncio.Sleep(3600);
            }
            finally
            {
                ended = false;
            }
        })), () => ended, onLoop: false);
        await Until(() => !ended);
    });

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public void A_request_can_be_cancelled_while_it_waits_for_the_answer(string version) => Run(async () =>
    {
        using var http = NewClient(version: Version.Parse(version));
        await http.GetAsync(new Uri(Kestrel.Secure, "hello"));
        var name = Guid.NewGuid().ToString();
        await CancelAsync(
            async () => await http.GetAsync(new Uri(Kestrel.Secure, $"wait?name={name}")), () => Kestrel.HasCome(name), onLoop: version == "1.1");
        await Kestrel.GoneAsync(name);
        Assert.Equal("Hello", await http.GetStringAsync(new Uri(Kestrel.Secure, "hello")));
    });

    [Theory]
    [InlineData("1.1", false)]
    [InlineData("1.1", true)]
    [InlineData("2.0", false)]
    [InlineData("2.0", true)]
    public void A_request_can_be_cancelled_while_the_body_comes(string version, bool asStream) => Run(async () =>
    {
        using var http = NewClient(version: Version.Parse(version));
        var name = Guid.NewGuid().ToString();
        var begun = false;
        await CancelAsync(async () =>
        {
            var address = new Uri(Kestrel.Secure, $"drip?name={name}");
            using var response = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead);
            begun = true;
            if (!asStream)
            {
                await response.Content.ReadAsStringAsync();
                return;
            }
            await using var body = await response.Content.ReadAsStreamAsync();
            var buffer = new byte[100];
            while (await body.ReadAsync(buffer) > 0)
            {
            }
        }, () => begun, onLoop: version == "1.1");
        await Kestrel.GoneAsync(name);
    });

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public void A_request_can_be_cancelled_while_HttpClient_collects_the_body_by_itself(string version) => Run(async () =>
    {
        using var http = NewClient(version: Version.Parse(version));
        var name = Guid.NewGuid().ToString();
        await http.GetAsync(new Uri(Kestrel.Secure, "hello"));
        var task = Asyncio.CreateTask(AskAsync());
        await Until(() => Kestrel.HasCome(name));
        await Asyncio.Sleep(0.05); // real: nothing tells how far HttpClient is
        await CancelAsync(task, onLoop: version == "1.1");
        await Kestrel.GoneAsync(name);

        async Coroutine AskAsync() => await http.GetStringAsync(new Uri(Kestrel.Secure, $"drip?name={name}"));
    });

    [Fact]
    public void A_timeout_around_a_request_ends_it() => Run(async () =>
    {
        using var http = NewClient();
        await Expect.ThrowsAsync<TimeoutException>(
            () => Asyncio.Timeout(0.05, async _ => await http.GetAsync(new Uri(Kestrel.Plain, $"drip?name={Guid.NewGuid()}"))));
        Assert.Equal("Hello", await http.GetStringAsync(new Uri(Kestrel.Plain, "hello")));
    });

    [Fact]
    public void A_token_that_is_passed_all_the_same_cancels_too() => Run(async () =>
    {
        using var http = NewClient();
        var name = Guid.NewGuid().ToString();
        using var source = new CancellationTokenSource();
        using var response = await http.GetAsync(new Uri(Kestrel.Plain, $"drip?name={name}"), HttpCompletionOption.ResponseHeadersRead, source.Token);
        var body = await response.Content.ReadAsStreamAsync(source.Token);
        await body.ReadExactlyAsync(new byte[13], source.Token);
        EventLoop.Running.CallSoon(source.Cancel);
        await Expect.ThrowsAsync<TaskCanceledException>(async () => Assert.Equal(0, await body.ReadAsync(new byte[1], source.Token)));
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
    });

    [Fact]
    public void A_request_can_be_made_while_cleaning_up_after_a_cancellation() => Run(async () =>
    {
        using var http = NewClient();
        var text = "";
        var task = Asyncio.CreateTask(AskAsync());
        await Expect.Turns(20);
        task.Cancel();
        await Asyncio.Wait([task]);
        Assert.Equal(("Hello", true), (text, task.IsCanceled));

        async Coroutine AskAsync()
        {
            try
            {
                await http.GetAsync(new Uri(Kestrel.Plain, $"wait?name={Guid.NewGuid()}"));
            }
            finally
            {
                text = await http.GetStringAsync(new Uri(Kestrel.Plain, "hello"));
            }
        }
    });

    [Fact]
    public void Many_requests_cancelled_at_any_time_leave_no_connection_behind() => Run(async () =>
    {
        var (open, made) = (0, 0);
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            (open, made) = (open + 1, made + 1);
            await using (writer)
            {
                try
                {
                    while (await ReadHeadAsync(reader) is { Length: > 0 })
                    {
                        await Expect.Turns(3);
                        Write(writer, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
                        await Expect.Turns(3);
                        Write(writer, "def");
                    }
                }
                catch (IOException)
                {
                    // reset
                }
            }
            open--;
        });
        using (var http = NewClient())
        {
            for (var turns = 0; turns < 60; turns++)
            {
                var tasks = Enumerable.Range(0, 5).Select(_ => Asyncio.CreateTask(AskAsync(http, Address(server)))).ToArray();
                await Expect.Turns(turns);
                foreach (var task in tasks)
                    task.Cancel();
                await Asyncio.Wait(tasks);
                Assert.All(tasks, task => Assert.True(task.IsCanceled || task.Exception is null, $"{task}"));
            }
            Assert.Equal("abcdef", await http.GetStringAsync(Address(server)));
        }
        await Until(() => open == 0);
        Assert.True(made > 0);

        static async Coroutine AskAsync(HttpClient http, Uri address) => Assert.Equal("abcdef", await http.GetStringAsync(address));
    });

    private static async Coroutine EndAsync(AsyncStreamReader reader)
    {
        try
        {
            while ((await reader.ReadAsync(100)).Length > 0)
            {
            }
        }
        catch (IOException)
        {
            // reset
        }
    }

    [Theory]
    [InlineData("content")]
    [InlineData("stream")]
    public void A_token_that_was_given_to_the_programs_own_stream_is_never_that_of_another_request(string copied) => Run(async () =>
    {
        using var http = NewClient();
        using var caller = new CancellationTokenSource();
        using var keeper = new TokenKeeper();
        await CopyAsync(keeper, caller.Token);
        Assert.NotEmpty(keeper.Tokens);
        using var second = new CancellationTokenSource();
        using var canceller = new TokenKeeper(second);
        await Expect.ThrowsAsync<OperationCanceledException>(() => CopyAsync(canceller, second.Token));
        Assert.All(keeper.Tokens, token => Assert.False(token.IsCancellationRequested));

        async Coroutine CopyAsync(Stream destination, CancellationToken token)
        {
            using var response = await http.GetAsync(new Uri(Kestrel.Plain, "bytes?count=1000"), HttpCompletionOption.ResponseHeadersRead);
            if (copied == "content")
                await response.Content.CopyToAsync(destination, token);
            else
                await (await response.Content.ReadAsStreamAsync()).CopyToAsync(destination, token);
        }
    });

    [Fact]
    public void A_token_that_was_given_to_a_body_is_never_that_of_another_request_also_if_a_redirection_drops_the_body() => Run(async () =>
    {
        using var http = NewClient();
        var token = CancellationToken.None;
        var content = new TokenContent(given => token = given);
        using (var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Kestrel.Plain, "redirect")) { Content = content })
        using (var response = await http.SendAsync(request))
            Assert.Equal("Hello", await response.Content.ReadAsStringAsync());
        Assert.True(token.CanBeCanceled);
        var name = Guid.NewGuid().ToString();
        await CancelAsync(async () => await http.GetAsync(new Uri(Kestrel.Plain, $"wait?name={name}")), () => Kestrel.HasCome(name), onLoop: false);
        Assert.False(token.IsCancellationRequested);
    });

    private sealed class TokenContent(Action<CancellationToken> given) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Task.CompletedTask;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            given(cancellationToken);
            return Task.CompletedTask;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return true;
        }
    }

    /// <summary>Keeps the tokens that it is given.</summary>
    private sealed class TokenKeeper(CancellationTokenSource? canceller = null) : MemoryStream
    {
        public List<CancellationToken> Tokens { get; } = [];

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Tokens.Add(cancellationToken);
            canceller?.Cancel();
            cancellationToken.ThrowIfCancellationRequested();
            await base.WriteAsync(buffer, cancellationToken);
        }
    }
}

public sealed class HttpCancellationOnEpoll(Kestrel kestrel) : HttpCancellationTests(new EpollEventLoop(), kestrel);

public sealed class HttpCancellationOnIoUring(Kestrel kestrel) : HttpCancellationTests(IoUring.NewLoop(), kestrel);

public sealed class HttpCancellationOnPortableLoop(Kestrel kestrel) : HttpCancellationTests(new PortableEventLoop(), kestrel);
