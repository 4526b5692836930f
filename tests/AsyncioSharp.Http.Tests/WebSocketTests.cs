using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using AsyncioSharp.Tests;

namespace AsyncioSharp.Http.Tests;

/// <summary>WebSockets as client and server, with each other and with .NET's.</summary>
public abstract class WebSocketTests(EventLoop loop, Kestrel kestrel) : OnHttp(loop, kestrel)
{
    private Uri Echo => new UriBuilder(Kestrel.Plain) { Scheme = "ws", Path = "socket" }.Uri;

    private static async Coroutine EchoAsync(AsyncioWebSocket socket)
    {
        await foreach (var message in socket)
        {
            if (message.IsText)
                await socket.SendAsync(message.Text);
            else
                await socket.SendAsync(message.Data);
        }
    }

    private static async Coroutine<string?> ReceiveTextAsync(AsyncioWebSocket socket) =>
        await socket.ReceiveAsync() is { } message ? message.Text : null;

    [Fact]
    public void Bad_arguments_are_refused_at_the_call() => Run(async () =>
    {
        var none = new AsyncioWebSocketOptions { MaxMessageSize = 0 };
        Assert.Throws<ArgumentNullException>(() => AsyncioWebSocket.ConnectAsync(null!));
        Assert.Contains("wss://", Assert.Throws<ArgumentException>(() => AsyncioWebSocket.ConnectAsync(new Uri("ftp://example.org/"))).Message);
        Assert.Throws<ArgumentException>(() => AsyncioWebSocket.ConnectAsync(new Uri("socket", UriKind.Relative)));
        Assert.Throws<ArgumentOutOfRangeException>(() => AsyncioWebSocket.ConnectAsync(Echo, options: none));
        Assert.Throws<ArgumentOutOfRangeException>(() => AsyncioWebSocket.StartServerAsync(EchoAsync, "127.0.0.1", 0, none));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => AsyncioWebSocket.StartServerAsync(EchoAsync, "127.0.0.1", 0, new() { KeepAliveInterval = TimeSpan.FromSeconds(-1) }));
        Assert.Throws<ArgumentNullException>(() => AsyncioWebSocket.AcceptAsync(null!, null!));
        var (reader, writer) = Asyncio.FromStream(new MemoryStream());
        await using (writer)
            Assert.Throws<ArgumentOutOfRangeException>(() => AsyncioWebSocket.AcceptAsync(reader, writer, none));
    });

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public void What_dotnets_methods_wait_for_is_cancelled_only_by_the_tokens_passed(string version) => Run(async () =>
    {
        using var via = new HttpMessageInvoker(AsyncioHttpHandler.Create(Trust));
        await using var socket = await AsyncioWebSocket.ConnectAsync(
            new UriBuilder(Kestrel.Secure) { Scheme = "wss", Path = "socket" }.Uri, via, new AsyncioWebSocketOptions
            {
                Configure = options => (options.HttpVersion, options.HttpVersionPolicy) = (Version.Parse(version), HttpVersionPolicy.RequestVersionExact),
            });
        var buffer = new byte[100];
        Task<WebSocketReceiveResult>? receiving = null;
        await Expect.ThrowsAsync<TimeoutException>(() => Asyncio.Timeout(0.02, async _ =>
        {
            receiving = socket.Socket.ReceiveAsync(buffer, CancellationToken.None);
            await Asyncio.Sleep(3600);
        }));
        await socket.SendAsync("still here");
        Assert.Equal("still here", Encoding.UTF8.GetString(buffer, 0, (await receiving!).Count));
    });

    [Fact]
    public void Messages_go_both_ways_and_the_end_is_agreed_on() => Run(async () =>
    {
        var thread = Environment.CurrentManagedThreadId;
        await using var socket = await AsyncioWebSocket.ConnectAsync(Echo);
        await socket.SendAsync("Grüße");
        Assert.Equal("Grüße", await ReceiveTextAsync(socket));
        await socket.SendAsync(new byte[] { 1, 2, 3 });
        var message = await socket.ReceiveAsync();
        Assert.Equal(WebSocketMessageType.Binary, message!.Value.Type);
        Assert.Equal(new byte[] { 1, 2, 3 }, message.Value.Data);
        Assert.Equal(thread, Environment.CurrentManagedThreadId);
        await socket.CloseAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
        Assert.Equal("as you like", socket.CloseStatusDescription);
        Assert.Null(await socket.ReceiveAsync());
    });

    [Fact]
    public void Over_TLS_through_a_client_with_its_own_settings() => Run(async () =>
    {
        using var http = NewClient();
        var address = new UriBuilder(Kestrel.Secure) { Scheme = "wss", Path = "socket" }.Uri;
        await using var socket = await AsyncioWebSocket.ConnectAsync(address, http, new AsyncioWebSocketOptions { SubProtocols = ["soup"] });
        Assert.Equal("soup", socket.SubProtocol);
        var long_ = new string('x', 1_000_000);
        await socket.SendAsync(long_);
        Assert.Equal(long_, await ReceiveTextAsync(socket));
        await socket.CloseAsync();
    });

    [Fact]
    public void DotNets_own_client_uses_the_handler() => Run(async () =>
    {
        using var invoker = new HttpMessageInvoker(AsyncioHttpHandler.Create());
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(Echo, invoker, Asyncio.CancellationToken);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, Asyncio.CancellationToken);
        var buffer = new byte[100];
        var part = await socket.ReceiveAsync(buffer, Asyncio.CancellationToken);
        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, part.Count));
    });

    [Fact]
    public void Our_server_serves_our_client() => Run(async () =>
    {
        await using var server = await ServeAsync(async socket =>
        {
            await socket.SendAsync($"You asked for {socket.Path}, and speak {socket.SubProtocol}");
            await EchoAsync(socket);
        }, new AsyncioWebSocketOptions { SubProtocols = ["best", "good"] });
        await using var socket = await OpenAsync(server, "room?number=7", new AsyncioWebSocketOptions { SubProtocols = ["poor", "good"] });
        Assert.Equal("You asked for /room?number=7, and speak good", await ReceiveTextAsync(socket));
        for (var i = 0; i < 100; i++)
        {
            await socket.SendAsync($"{i}");
            Assert.Equal($"{i}", await ReceiveTextAsync(socket));
        }
        await socket.CloseAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    });

    [Fact]
    public void When_the_handler_returns_the_connection_is_closed() => Run(async () =>
    {
        await using var server = await ServeAsync(static async socket => await socket.SendAsync("bye"));
        await using var socket = await OpenAsync(server);
        var messages = new List<string>();
        await foreach (var message in socket)
            messages.Add(message.Text);
        Assert.Equal(["bye"], messages);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    });

    [Fact]
    public void A_receive_that_is_cancelled_loses_nothing() => Run(async () =>
    {
        var send = EventLoop.Running.CreateFuture<bool>();
        await using var server = await ServeAsync(async socket =>
        {
            await send;
            await socket.SendAsync("late");
            await EchoAsync(socket);
        });
        await using var socket = await OpenAsync(server);
        await Expect.ThrowsAsync<TimeoutException>(() => Asyncio.Timeout(0.01, async _ => await socket.ReceiveAsync()));
        var task = Asyncio.CreateTask(ReceiveTextAsync(socket));
        await Expect.Turns(3);
        task.Cancel();
        await Expect.ThrowsAsync<CanceledException>(task);
        send.SetResult(true);
        Assert.Equal("late", await ReceiveTextAsync(socket));
        await socket.SendAsync("and on");
        Assert.Equal("and on", await ReceiveTextAsync(socket));
    });

    [Fact]
    public void Messages_of_several_tasks_follow_each_other() => Run(async () =>
    {
        await using var socket = await AsyncioWebSocket.ConnectAsync(Echo);
        await Asyncio.Gather(Enumerable.Range(0, 20).Select(async Coroutine (i) => await socket.SendAsync(new string((char)('a' + i), 20_000))));
        var seen = new HashSet<char>();
        for (var i = 0; i < 20; i++)
        {
            var text = await ReceiveTextAsync(socket);
            Assert.Equal(20_000, text!.Length);
            Assert.Single(text.Distinct());
            seen.Add(text[0]);
        }
        Assert.Equal(20, seen.Count);
    });

    [Fact]
    public void A_second_receiver_is_refused() => Run(async () =>
    {
        await using var socket = await AsyncioWebSocket.ConnectAsync(Echo);
        var first = Asyncio.CreateTask(ReceiveTextAsync(socket));
        await Expect.Turns(2);
        await Expect.ThrowsAsync<InvalidOperationException>(async () => await socket.ReceiveAsync());
        await socket.SendAsync("for the first");
        Assert.Equal("for the first", await first);
    });

    [Fact]
    public void A_lost_connection_is_told() => Run(async () =>
    {
        await using var socket = await AsyncioWebSocket.ConnectAsync(Echo);
        await socket.SendAsync("lost");
        var failure = await Expect.ThrowsAsync<WebSocketException>(async () => await socket.ReceiveAsync());
        Assert.Equal(WebSocketError.ConnectionClosedPrematurely, failure.WebSocketErrorCode);
        await socket.CloseAsync(); // does nothing any more
    });

    [Fact]
    public void What_no_closing_frame_can_carry_is_refused_at_the_call() => Run(async () =>
    {
        await using var socket = await AsyncioWebSocket.ConnectAsync(Echo);

        foreach (var status in (int[])[-1, 0, 999, 1006, 1015, 5000, 0x10000 + 1000])
            Assert.Equal("status", Assert.Throws<ArgumentOutOfRangeException>(() => socket.CloseAsync((WebSocketCloseStatus)status)).ParamName);
        var failure = Assert.Throws<ArgumentException>(() => socket.CloseAsync(WebSocketCloseStatus.NormalClosure, new string('é', 62)));
        Assert.Equal("description", failure.ParamName);
        Assert.Contains("124 bytes", failure.Message);
        Assert.Equal("description", Assert.Throws<ArgumentException>(() => socket.CloseAsync(WebSocketCloseStatus.Empty, "why")).ParamName);

        await socket.SendAsync("still open");
        Assert.Equal("still open", await ReceiveTextAsync(socket));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, new string('é', 61) + "e");
        // Also if there is nothing left to close.
        Assert.Throws<ArgumentException>(() => socket.CloseAsync(WebSocketCloseStatus.NormalClosure, new string('e', 124)));
    });

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("a,b")]
    [InlineData("same", "same")]
    public void Sub_protocols_that_cannot_be_are_refused_at_the_call(params string[] protocols) => Run(async () =>
    {
        var options = new AsyncioWebSocketOptions { SubProtocols = protocols };
        Assert.Equal("options", Assert.Throws<ArgumentException>(() => AsyncioWebSocket.ConnectAsync(Echo, options: options)).ParamName);
        Assert.Equal("options", Assert.Throws<ArgumentException>(() => ServeAsync(static _ => Coroutine.Completed, options)).ParamName);
        await Coroutine.Completed;
    });

    [Fact]
    public void A_message_that_is_too_long_is_refused() => Run(async () =>
    {
        await using var server = await ServeAsync(static async socket =>
        {
            await socket.SendAsync(new string('x', 5000));
            await socket.ReceiveAsync();
            Assert.Equal(WebSocketCloseStatus.MessageTooBig, socket.CloseStatus);
        });
        await using (var socket = await OpenAsync(server, options: new AsyncioWebSocketOptions { MaxMessageSize = 4999 }))
        {
            var failure = await Expect.ThrowsAsync<WebSocketException>(async () => await socket.ReceiveAsync());
            Assert.Contains("MaxMessageSize", failure.Message, StringComparison.Ordinal);
        }
        await Until(() => Asyncio.AllTasks().Count == 1); // the server's side answers before the loop closes
    });

    [Fact]
    public void Closing_and_disposing_end_a_receive() => Run(async () =>
    {
        var socket = await AsyncioWebSocket.ConnectAsync(Echo);
        var receiving = Asyncio.CreateTask(ReceiveTextAsync(socket));
        await Expect.Turns(3);
        await socket.CloseAsync();
        Assert.Null(await receiving);
        await socket.DisposeAsync();

        socket = await AsyncioWebSocket.ConnectAsync(Echo);
        var lost = Asyncio.CreateTask(ReceiveTextAsync(socket));
        await Expect.Turns(3);
        await socket.DisposeAsync();
        await Asyncio.Wait([lost]);
        Assert.True(lost.IsFaulted || lost.IsCanceled);
        _ = lost.IsFaulted ? lost.Exception : null;
    });

    [Fact]
    public void Connecting_is_cancelled_with_the_task() => Run(async () =>
    {
        var (came, ended) = (false, false);
        await using var server = await Asyncio.StartServerAsync(async (reader, writer) =>
        {
            await using (writer)
            {
                await ReadHeadAsync(reader);
                came = true;
                ended = (await reader.ReadAsync(1)).Length == 0;
            }
        }, "127.0.0.1", 0);
        var task = Asyncio.CreateTask(OpenAsync(server));
        await Until(() => came);
        task.Cancel();
        await Asyncio.Wait([task]);
        Assert.True(task.IsCanceled, $"{task}");
        await Until(() => ended);
    });

    [Fact]
    public void A_server_is_no_WebSocket() => Run(async () =>
    {
        await Expect.ThrowsAsync<WebSocketException>(async () => await AsyncioWebSocket.ConnectAsync(new Uri(Echo, "hello")));
    });

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: here\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nUpgrade: websocket\r\n" +
        "Connection: upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nUpgrade: websocket\r\n" +
        "Connection: upgrade\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n")]
    [InlineData("nonsense\r\n\r\n")]
    public void A_client_that_asks_for_something_else_is_told(string request) => Run(async () =>
    {
        await using var server = await ServeAsync(static _ => throw new InvalidOperationException("It was let in."));
        var (reader, writer) = await ConnectAsync(server);
        await using (writer)
        {
            Write(writer, request);
            Assert.StartsWith("HTTP/1.1 400 Bad Request\r\n", Encoding.Latin1.GetString(await reader.ReadAsync()), StringComparison.Ordinal);
        }
    });

    /// <summary>The example in RFC 6455, section 1.3, whose answer is given there.</summary>
    [Fact]
    public void The_handshake_is_that_of_the_RFC() => Run(async () =>
    {
        await using var server = await ServeAsync(static async socket => await socket.ReceiveAsync());
        var (reader, writer) = await ConnectAsync(server);
        await using (writer)
        {
            Write(writer, "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: WebSocket\r\n" +
                "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
            var answer = await ReadHeadAsync(reader);
            Assert.StartsWith("HTTP/1.1 101 ", answer, StringComparison.Ordinal);
            Assert.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", answer, StringComparison.Ordinal);
        }
    });

    [Fact]
    public void A_server_sees_the_headers_of_the_request() => Run(async () =>
    {
        await using var server = await ServeAsync(
            static async socket => await socket.SendAsync($"{socket.RequestHeaders["COOKIE"]} {socket.RequestHeaders.ContainsKey("no")}"));
        await using var socket = await OpenAsync(
            server, options: new AsyncioWebSocketOptions { Configure = static client => client.SetRequestHeader("Cookie", "a=b") });

        Assert.Equal("a=b False", await ReceiveTextAsync(socket));
        Assert.Empty(socket.RequestHeaders);
    });

    [Theory]
    [InlineData(null, true)] // no page
    [InlineData("https://example.org", true)]
    [InlineData("https://EXAMPLE.org", true)]
    [InlineData("https://example.org.evil", false)]
    [InlineData("null", false)]
    public void Only_pages_of_the_origins_named_may_connect(string? origin, bool allowed) => Run(async () =>
    {
        await using var server = await ServeAsync(
            EchoAsync, new AsyncioWebSocketOptions { Origins = ["https://example.com", "https://example.org"] });
        var options = new AsyncioWebSocketOptions
        {
            Configure = client =>
            {
                client.CollectHttpResponseDetails = true;
                if (origin is not null)
                    client.SetRequestHeader("Origin", origin);
            },
        };
        if (!allowed)
        {
            var failure = await Expect.ThrowsAsync<WebSocketException>(OpenAsync(server, options: options));
            Assert.Contains("403", failure.Message, StringComparison.Ordinal);
            return;
        }
        await using var socket = await OpenAsync(server, options: options);
        await socket.SendAsync("welcome");
        Assert.Equal("welcome", await ReceiveTextAsync(socket));
    });

    [Fact]
    public void A_handler_that_sends_what_it_has_closed_itself_is_told_so() => Run(async () =>
    {
        await using var server = await ServeAsync(static async socket =>
        {
            await socket.CloseAsync();
            await socket.SendAsync("too late");
        });
        await using (var socket = await OpenAsync(server))
            Assert.Null(await socket.ReceiveAsync());
        ExceptionContext[] reports = [];
        await Until(() => (reports = Reports()).Length > 0);
        Assert.IsType<WebSocketException>(Assert.Single(reports).Exception);
    });

    [Fact]
    public void A_client_that_vanishes_in_the_middle_harms_nobody() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync);
        for (var length = 1; length < 40; length += 7)
        {
            var socket = ConnectSocket(server);
            socket.Send("GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"u8[..length]);
            socket.Dispose();
        }
        var client = await OpenAsync(server);
        await client.SendAsync("half");
        await client.DisposeAsync();
        await using var another = await OpenAsync(server);
        await another.SendAsync("still there");
        Assert.Equal("still there", await ReceiveTextAsync(another));
    });
}

public sealed class WebSocketsOnEpoll(Kestrel kestrel) : WebSocketTests(new EpollEventLoop(), kestrel);

public sealed class WebSocketsOnIoUring(Kestrel kestrel) : WebSocketTests(IoUring.NewLoop(), kestrel);

public sealed class WebSocketsOnPortableLoop(Kestrel kestrel) : WebSocketTests(new PortableEventLoop(), kestrel);
