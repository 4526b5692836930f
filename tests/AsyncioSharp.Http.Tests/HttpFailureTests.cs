using System.Net;
using System.Net.Sockets;
using AsyncioSharp.Tests;

namespace AsyncioSharp.Http.Tests;

/// <summary>Servers that do what they should not.</summary>
public abstract class HttpFailureTests(EventLoop loop, Kestrel kestrel) : OnHttp(loop, kestrel)
{
    [Fact]
    public void A_server_that_is_not_there_fails_the_request() => Run(async () =>
    {
        var server = await ServeAsync(static async (_, writer) => await writer.DisposeAsync());
        var address = Address(server);
        await server.DisposeAsync();
        using var http = NewClient();
        var failure = await Expect.ThrowsAsync<HttpRequestException>(async () => await http.GetAsync(address));
        Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(failure.InnerException).SocketErrorCode);
        Assert.Equal(HttpRequestError.ConnectionError, failure.HttpRequestError);
    });

    [Fact]
    public void A_name_that_is_not_known_fails_the_request() => Run(async () =>
    {
        EventLoop.Running.AddressResolver = static async (_, _) => throw new SocketException((int)SocketError.HostNotFound);
        using var http = NewClient();
        var failure = await Expect.ThrowsAsync<HttpRequestException>(async () => await http.GetAsync("http://nowhere.test/"));
        Assert.Equal(HttpRequestError.NameResolutionError, failure.HttpRequestError);
    });

    [Theory]
    [InlineData("")]
    [InlineData("garbage\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    public void An_answer_that_is_none_fails_the_request(string answer) => Run(async () =>
    {
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await using (writer)
            {
                await ReadHeadAsync(reader);
                Write(writer, answer);
            }
        });
        using var http = NewClient();
        await Expect.ThrowsAsync<HttpRequestException>(async () => await http.GetAsync(Address(server)));
    });

    [Theory]
    [InlineData("Content-Length: 100", "a part")]
    [InlineData("Transfer-Encoding: chunked", "6\r\na part\r\n")]
    [InlineData("Transfer-Encoding: chunked", "garbage\r\n")]
    public void A_body_that_ends_early_fails(string header, string body) => Run(async () =>
    {
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await using (writer)
            {
                await ReadHeadAsync(reader);
                Write(writer, $"HTTP/1.1 200 OK\r\n{header}\r\n\r\n{body}");
            }
        });
        using var http = NewClient();
        await Expect.ThrowsAsync<HttpRequestException>(async () => await http.GetAsync(Address(server)));
    });

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public void A_server_that_aborts_in_the_middle_fails_the_body(string version) => Run(async () =>
    {
        using var http = NewClient(version: Version.Parse(version));
        await Expect.ThrowsAsync<HttpRequestException>(async () => await http.GetAsync(new Uri(Kestrel.Secure, "abort")));
        Assert.Equal("Hello", await http.GetStringAsync(new Uri(Kestrel.Secure, "hello")));
    });

    [Fact]
    public void A_reset_fails_the_request() => Run(async () =>
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var http = NewClient();
        var request = Asyncio.CreateTask(AskAsync());
        using var accepted = await listener.AcceptAsync();
        await accepted.ReceiveAsync(new byte[100]);
        Reset(accepted);
        var failure = await Expect.ThrowsAsync<HttpRequestException>(request);
        Assert.IsType<IOException>(failure.InnerException, exactMatch: false);

        async Coroutine AskAsync() => await http.PostAsync($"http://{listener.LocalEndPoint}/", new ByteArrayContent(new byte[10]));
    });

    [Fact]
    public void A_connection_that_the_server_closed_while_it_was_idle_is_not_used_again() => Run(async () =>
    {
        var connections = 0;
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await using (writer)
            {
                connections++;
                await ReadHeadAsync(reader);
                Write(writer, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        });
        using var http = NewClient();
        for (var i = 1; i <= 5; i++)
        {
            Assert.Equal("ok", await http.GetStringAsync(Address(server)));
            Assert.Equal(i, connections);
            await Expect.Turns(20); // until the end of it has come
        }
    });

    [Fact]
    public void What_nobody_asked_for_on_an_idle_connection_ends_it() => Run(async () =>
    {
        var (connections, sent) = (0, false);
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await using (writer)
            {
                connections++;
                while (await ReadHeadAsync(reader) is { Length: > 0 })
                {
                    Write(writer, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                    await Expect.Turns(10); // so that it comes by itself
                    Write(writer, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
                    sent = true;
                }
            }
        });
        using var http = NewClient();
        Assert.Equal("ok", await http.GetStringAsync(Address(server)));
        await Until(() => sent);
        await Asyncio.Sleep(0.05); // real: until it has arrived
        Assert.Equal("ok", await http.GetStringAsync(Address(server)));
        Assert.Equal(2, connections);
    });

    [Fact]
    public void A_certificate_that_is_not_trusted_is_refused() => Run(async () =>
    {
        using var http = new HttpClient(AsyncioHttpHandler.Create());
        var failure = await Expect.ThrowsAsync<HttpRequestException>(async () => await http.GetAsync(new Uri(Kestrel.Secure, "hello")));
        Assert.Equal(HttpRequestError.SecureConnectionError, failure.HttpRequestError);
    });

    [Fact]
    public void HttpClients_own_timeout_is_a_failure_and_no_cancellation() => Run(async () =>
    {
        using var http = NewClient();
        http.Timeout = TimeSpan.FromMilliseconds(50); // real: it is .NET's timer
        var task = Asyncio.CreateTask(AskAsync());
        await Asyncio.Wait([task]);
        Assert.True(task.IsFaulted);
        Assert.IsType<TimeoutException>(Assert.IsType<TaskCanceledException>(task.Exception).InnerException);

        async Coroutine AskAsync() => await http.GetAsync(new Uri(Kestrel.Plain, $"wait?name={Guid.NewGuid()}"));
    });
}

public sealed class HttpFailuresOnEpoll(Kestrel kestrel) : HttpFailureTests(new EpollEventLoop(), kestrel);

public sealed class HttpFailuresOnIoUring(Kestrel kestrel) : HttpFailureTests(IoUring.NewLoop(), kestrel);

public sealed class HttpFailuresOnPortableLoop(Kestrel kestrel) : HttpFailureTests(new PortableEventLoop(), kestrel);
