using System.Globalization;
using System.Security.Cryptography;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Peers;

/// <summary>Connections with other programs; skipped where these are not installed.</summary>
public abstract class StreamPeerTests(EventLoop loop) : OnNetwork(loop)
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"asyncio-{Guid.NewGuid():N}");

    // Answers line by line, and with a last word when the peer has ended its side.
    private static async Coroutine AnswerAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        await using (writer)
        {
            await foreach (var line in reader)
            {
                writer.WriteLines(["re:"u8.ToArray(), line]);
                await writer.DrainAsync();
            }
            writer.Write("bye\n"u8);
        }
    }

    private static string Text(byte[] bytes) => System.Text.Encoding.ASCII.GetString(bytes);

    [Theory]
    [InlineData("nc", "-N 127.0.0.1 {0}")]
    [InlineData("socat", "-t 10 - TCP:127.0.0.1:{0}")]
    public void A_client_is_answered_and_may_end_its_side_first(string program, string arguments) => Run(async () =>
    {
        await using var server = await ServeAsync(AnswerAsync);
        using var client = new OtherProgram(program, string.Format(CultureInfo.InvariantCulture, arguments, Port(server)).Split(' '));

        client.WriteLine("hello");
        Assert.Equal("re:hello", await client.ReadLineAsync());
        client.WriteLine("again");
        client.EndInput();

        Assert.Equal("re:again\nbye\n", await client.ReadToEndAsync());
        await Until(() => server.ClientCount == 0);
    });

    [Theory]
    [InlineData("nc", "-N -U {0}", false)]
    [InlineData("socat", "-t 10 - UNIX-CONNECT:{0}", false)]
    [InlineData("socat", "-t 10 - ABSTRACT-CONNECT:{0}", true)]
    public void So_is_one_over_a_unix_socket(string program, string arguments, bool isAbstract) => Run(async () =>
    {
        await using var server = await Asyncio.StartUnixServerAsync(AnswerAsync, isAbstract ? "\0" + _path : _path);
        using var client = new OtherProgram(program, string.Format(CultureInfo.InvariantCulture, arguments, _path).Split(' '));

        client.WriteLine("hello");
        client.EndInput();

        Assert.Equal("re:hello\nbye\n", await client.ReadToEndAsync());
    });

    [Theory]
    [InlineData("nc", "-l -U {0}")]
    [InlineData("socat", "-t 10 - UNIX-LISTEN:{0}")]
    public void Another_program_can_be_the_server(string program, string arguments) => Run(async () =>
    {
        using var server = new OtherProgram(program, string.Format(CultureInfo.InvariantCulture, arguments, _path).Split(' '));
        await Until(() => File.Exists(_path));
        var (reader, writer) = await ConnectWhenItListensAsync();

        writer.Write("hello\n"u8);
        Assert.Equal("hello", await server.ReadLineAsync());
        server.WriteLine("re:hello");
        Assert.Equal("re:hello\n", Text(await reader.ReadLineAsync()));
        await writer.DisposeAsync();

        server.EndInput();
        Assert.Equal("", await server.ReadToEndAsync());
        File.Delete(_path);
    });

    [Fact]
    public void A_browser_is_served() => Run(async () =>
    {
        var requests = 0;
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await using (writer)
            {
                while (true)
                {
                    string line, head = "";
                    while ((line = Text(await reader.ReadLineAsync())).Length > 2)
                        head += line;
                    if (head.Length == 0)
                        return;
                    requests++;
                    var body = new string('x', 300_000) + head.Split(' ')[1];
                    writer.Write(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
                    await writer.DrainAsync();
                }
            }
        });
        using var browser = new OtherProgram(
            "curl", "--silent", "--max-time", "20", $"http://127.0.0.1:{Port(server)}/one", $"http://127.0.0.1:{Port(server)}/two");

        var bodies = await browser.ReadToEndAsync();

        await browser.AssertSucceededAsync();
        Assert.Equal(600_008, bodies.Length);
        Assert.EndsWith("x/two", bodies);
        Assert.Equal(2, requests); // over one connection
    });

    [Fact]
    public void Pythons_asyncio_is_a_client_that_sends_much_and_ends_its_side() => Run(async () =>
    {
        const string Client = """
            import asyncio, hashlib, sys
            async def main():
                reader, writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
                data = bytes(i % 251 for i in range(3_000_000))
                async def send():
                    for i in range(0, len(data), 70_000):
                        writer.write(data[i:i + 70_000])
                        await writer.drain()
                    writer.write_eof()
                sending = asyncio.create_task(send())
                answer = await reader.read()
                await sending
                writer.close()
                await writer.wait_closed()
                print(len(answer), hashlib.sha256(answer).hexdigest() == hashlib.sha256(data).hexdigest())
            asyncio.run(main())
            """;
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await using (writer)
            {
                var buffer = new byte[50_000];
                int count;
                while ((count = await reader.ReadAsync(buffer)) > 0)
                {
                    writer.Write(buffer.AsSpan(0, count));
                    await writer.DrainAsync();
                }
            }
        });

        using var client = OtherProgram.Python(Client, $"{Port(server)}");

        Assert.Equal("3000000 True", await client.ReadLineAsync());
        await Until(() => server.ClientCount == 0);
    });

    [Fact]
    public void Pythons_asyncio_is_a_server_of_many_clients() => Run(async () =>
    {
        const string Server = """
            import asyncio
            async def echo(reader, writer):
                writer.write(await reader.read())
                await writer.drain()
                writer.close()
            async def main():
                server = await asyncio.start_server(echo, "127.0.0.1", 0)
                print(server.sockets[0].getsockname()[1], flush=True)
                await server.serve_forever()
            asyncio.run(main())
            """;
        using var server = OtherProgram.Python(Server);
        var port = int.Parse((await server.ReadLineAsync())!, CultureInfo.InvariantCulture);

        var digests = await Asyncio.Gather(Enumerable.Range(0, 20).Select(AskAsync));

        Assert.All(digests, Assert.True);

        async Coroutine<bool> AskAsync(int number)
        {
            var data = new byte[100_000];
            new Random(number).NextBytes(data);
            var (reader, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", port);
            await using (writer)
            {
                writer.Write(data);
                writer.WriteEof();
                return SHA256.HashData(await reader.ReadAsync()).AsSpan().SequenceEqual(SHA256.HashData(data));
            }
        }
    });

    // Its file is there a moment before it listens.
    private async Coroutine<(AsyncStreamReader Reader, AsyncStreamWriter Writer)> ConnectWhenItListensAsync()
    {
        while (true)
        {
            try
            {
                return await Asyncio.OpenUnixConnectionAsync(_path);
            }
            catch (System.Net.Sockets.SocketException)
            {
                await Asyncio.Yield();
            }
        }
    }
}

public sealed class EpollStreamPeerTests() : StreamPeerTests(new EpollEventLoop());

public sealed class IoUringStreamPeerTests() : StreamPeerTests(IoUring.NewLoop());

public sealed class PortableStreamPeerTests() : StreamPeerTests(new PortableEventLoop());
