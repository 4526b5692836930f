using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using AsyncioSharp.Tests;

namespace AsyncioSharp.Http.Tests;

/// <summary>HttpClient's own API on the loop, against a server that is not ours.</summary>
public abstract partial class HttpClientTests(EventLoop loop, Kestrel kestrel) : OnHttp(loop, kestrel)
{
    private sealed record Person(string Name, int Year);

    [Fact]
    public void A_request_comes_back_on_the_loops_thread_in_its_task() => Run(async () =>
    {
        var thread = Environment.CurrentManagedThreadId;
        var task = Asyncio.CurrentTask;
        using var http = NewClient();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("Hello", await http.GetStringAsync(new Uri(Kestrel.Plain, "hello")));
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
            Assert.Same(task, Asyncio.CurrentTask);
        }
    });

    [Theory]
    [InlineData("1.1", false)]
    [InlineData("1.1", true)]
    [InlineData("2.0", true)]
    public void Large_bodies_go_both_ways_whole(string version, bool secure) => Run(async () =>
    {
        using var http = NewClient(version: Version.Parse(version));
        var body = new byte[3_000_017];
        Random.Shared.NextBytes(body);
        var response = await http.PostAsync(new Uri(secure ? Kestrel.Secure : Kestrel.Plain, "store"), new ByteArrayContent(body));
        Assert.Equal(version == "2.0" ? "HTTP/2" : "HTTP/1.1", response.Headers.GetValues("X-Protocol").Single());
        Assert.Equal(body, await response.Content.ReadAsByteArrayAsync());
    });

    [Theory]
    [InlineData("1.1", null)]
    [InlineData("1.1", 400_000L)]
    [InlineData("2.0", null)]
    public void A_coroutine_writes_the_body_of_a_request(string version, long? length) => Run(async () =>
    {
        var thread = Environment.CurrentManagedThreadId;
        using var http = NewClient(version: Version.Parse(version));
        var content = new CoroutineContent(async body =>
        {
            for (var i = 0; i < 40; i++)
            {
                await body.WriteAsync(Enumerable.Repeat((byte)i, 10_000).ToArray());
                Assert.Equal(thread, Environment.CurrentManagedThreadId);
                await Asyncio.Yield();
            }
        }, "text/plain", length);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Kestrel.Secure, "echo"))
        {
            Content = content,
            Version = http.DefaultRequestVersion,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(length, response.Content.Headers.ContentLength);
        Assert.Equal(Enumerable.Range(0, 40).SelectMany(i => Enumerable.Repeat((byte)i, 10_000)), await response.Content.ReadAsByteArrayAsync());
    });

    [Fact]
    public void A_body_that_fails_fails_the_request() => Run(async () =>
    {
        using var http = NewClient();
        var content = new CoroutineContent(async body =>
        {
            await body.WriteAsync("The beginning"u8.ToArray());
            throw new InvalidDataException("no more");
        });
        var failure = await Expect.ThrowsAsync<InvalidDataException>(async () => await http.PostAsync(new Uri(Kestrel.Plain, "echo"), content));
        Assert.Equal("no more", failure.Message);
    });

    [Fact]
    public void Redirects_cookies_and_compression_are_HttpClients_own() => Run(async () =>
    {
        using var http = NewClient(sockets => sockets.AutomaticDecompression = DecompressionMethods.All);
        http.BaseAddress = Kestrel.Plain;
        Assert.Equal("Hello", await http.GetStringAsync("redirect"));
        Assert.Equal("none", await http.GetStringAsync("cookie"));
        await http.GetAsync("set-cookie");
        Assert.Equal("sweet", await http.GetStringAsync("cookie"));
        Assert.Equal("zipped", await http.GetStringAsync("gzip"));
    });

    [Fact]
    public void Json_is_read_and_written() => Run(async () =>
    {
        using var http = NewClient();
        http.BaseAddress = Kestrel.Plain;
        Assert.Equal(new Person("Ada", 1815), await http.GetFromJsonAsync<Person>("json"));
        using var response = await http.PostAsJsonAsync("echo", new Person("Alan", 1912));
        Assert.Equal(new Person("Alan", 1912), await response.Content.ReadFromJsonAsync<Person>());
    });

    [Fact]
    public void A_body_is_read_as_it_comes() => Run(async () =>
    {
        using var http = NewClient();
        using var response = await http.GetAsync(new Uri(Kestrel.Plain, "bytes?count=1000000"), HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        var (buffer, total) = (new byte[5000], 0);
        while (await body.ReadAsync(buffer) is > 0 and var count)
        {
            total += count;
            Assert.NotNull(Asyncio.CurrentTask);
        }
        Assert.Equal(1_000_000, total);
    });

    [Fact]
    public void Expect_100_continue_waits_for_the_servers_word() => Run(async () =>
    {
        using var http = NewClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Kestrel.Plain, "echo")) { Content = new StringContent("Here it is") };
        request.Headers.ExpectContinue = true;
        using var response = await http.SendAsync(request);
        Assert.Equal("Here it is", await response.Content.ReadAsStringAsync());
    });

    [Fact]
    public void A_connection_is_used_again_and_code_behind_ConfigureAwait_false_stays_on_the_loops_thread() => Run(async () =>
    {
        using var http = NewClient();
        var (threads, connections) = (new HashSet<int>(), new HashSet<string>());
        await AskAsync(); // makes the connection, which .NET does on a thread of the pool
        threads.Clear();
        for (var i = 0; i < 20; i++)
            await AskAsync();
        Assert.Equal([Environment.CurrentManagedThreadId], threads);
        Assert.Single(connections);

        async Task AskAsync()
        {
            using var response = await http.PostAsync(new Uri(Kestrel.Plain, "echo"), new StringContent("again")).ConfigureAwait(false);
            threads.Add(Environment.CurrentManagedThreadId);
            Assert.Equal("again", await response.Content.ReadAsStringAsync().ConfigureAwait(false));
            threads.Add(Environment.CurrentManagedThreadId);
            connections.Add(response.Headers.GetValues("X-Connection").Single());
        }
    });

    [Fact]
    public void No_more_connections_are_made_than_allowed() => Run(async () =>
    {
        using var http = NewClient(sockets => sockets.MaxConnectionsPerServer = 2);
        var responses = await Asyncio.Gather(Enumerable.Range(0, 12).Select(_ => AskAsync()));
        Assert.InRange(responses.Distinct().Count(), 1, 2);

        async Coroutine<string> AskAsync()
        {
            using var response = await http.GetAsync(new Uri(Kestrel.Plain, "together"));
            return response.Headers.GetValues("X-Connection").Single();
        }
    });

    [Fact]
    public void Requests_of_HTTP_2_share_a_connection() => Run(async () =>
    {
        var thread = Environment.CurrentManagedThreadId;
        using var http = NewClient(version: HttpVersion.Version20);
        await AskAsync();
        var connections = await Asyncio.Gather(Enumerable.Range(0, 60).Select(_ => AskAsync()));
        Assert.Single(connections.Distinct());

        async Coroutine<string> AskAsync()
        {
            using var response = await http.GetAsync(new Uri(Kestrel.Secure, "bytes?count=30000"));
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
            Assert.Equal(30_000, (await response.Content.ReadAsByteArrayAsync()).Length);
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
            return response.Headers.GetValues("X-Connection").Single();
        }
    });

    [Fact]
    public void A_request_for_HTTP_3_is_made_with_HTTP_2() => Run(async () =>
    {
        using var http = NewClient(version: HttpVersion.Version30);
        using var response = await http.GetAsync(new Uri(Kestrel.Secure, "hello"));
        Assert.Equal(HttpVersion.Version20, response.Version);
    });

    [Fact]
    public void A_higher_version_is_agreed_on_where_it_may_be() => Run(async () =>
    {
        using var http = NewClient();
        http.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrHigher;
        using var secure = await http.GetAsync(new Uri(Kestrel.Secure, "hello"));
        using var plain = await http.GetAsync(new Uri(Kestrel.Plain, "hello"));
        Assert.Equal((HttpVersion.Version20, HttpVersion.Version11), (secure.Version, plain.Version));
    });

    [Fact]
    public void Every_connection_goes_to_a_Unix_socket_if_there_is_one() => Run(async () =>
    {
        using var http = NewClient(options: new AsyncioHttpOptions { UnixSocketPath = Kestrel.UnixSocket });
        Assert.Equal("Hello", await http.GetStringAsync("http://any.where/hello"));
    });

    [Fact]
    public void A_proxy_is_used() => Run(async () =>
    {
        var asked = new List<string>();
        await using var proxy = await ServeAsync(async (reader, writer) =>
        {
            await using (writer)
            {
                asked.Add((await ReadHeadAsync(reader)).Split("\r\n")[0]);
                Write(writer, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy");
            }
        });
        using var http = NewClient(sockets => (sockets.UseProxy, sockets.Proxy) = (true, new WebProxy(Address(proxy))));
        Assert.Equal("proxy", await http.GetStringAsync("http://any.where/page"));
        Assert.Equal(["GET http://any.where/page HTTP/1.1"], asked);
    });

    [Fact]
    public void Contexts_are_the_tasks_own() => Run(async () =>
    {
        var local = new AsyncLocal<int>();
        using var http = NewClient();
        await Asyncio.Gather(Enumerable.Range(1, 8).Select(CheckAsync));
        Assert.Equal(0, local.Value);

        async Coroutine CheckAsync(int number)
        {
            using var activity = new Activity($"{number}").SetIdFormat(ActivityIdFormat.W3C).Start();
            local.Value = number;
            for (var i = 0; i < 5; i++)
            {
                var trace = await http.GetStringAsync(new Uri(Kestrel.Plain, "trace"));
                Assert.Contains(activity.TraceId.ToHexString(), trace, StringComparison.Ordinal);
                Assert.Equal(number, local.Value);
                Assert.Same(activity, Activity.Current);
            }
        }
    });

    [Fact]
    public void The_headers_of_a_body_are_those_of_the_server() => Run(async () =>
    {
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await using (writer)
            {
                await ReadHeadAsync(reader);
                Write(writer, "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=latin1\r\n" +
                    "Content-Language: de\r\nContent-Language: en\r\nAllow: GET, POST\r\nContent-Length: 3\r\n\r\n\u00e4\u00f6\u00fc");
            }
        });
        using var http = NewClient();
        using var response = await http.GetAsync(Address(server));
        Assert.Equal("text/plain; charset=latin1", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(["de", "en"], response.Content.Headers.ContentLanguage);
        Assert.Equal(["GET", "POST"], response.Content.Headers.Allow);
        Assert.Equal(3, response.Content.Headers.ContentLength);
        Assert.Equal("äöü", await response.Content.ReadAsStringAsync());
    });
}

public sealed class HttpClientOnEpoll(Kestrel kestrel) : HttpClientTests(new EpollEventLoop(), kestrel);

public sealed class HttpClientOnIoUring(Kestrel kestrel) : HttpClientTests(IoUring.NewLoop(), kestrel);

public sealed class HttpClientOnPortableLoop(Kestrel kestrel) : HttpClientTests(new PortableEventLoop(), kestrel);
