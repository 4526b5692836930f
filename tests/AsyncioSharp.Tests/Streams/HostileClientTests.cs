using System.Net.Sockets;
using System.Text;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Tls;

namespace AsyncioSharp.Tests.Streams;

/// <summary>Clients that mean harm, or no good at least: others are served meanwhile, and memory stays bounded.</summary>
public abstract class HostileClientTests(EventLoop loop) : OnNetwork(loop)
{
    // Answers lines, as most servers do.
    private static async Coroutine AnswerAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        await using (writer)
        {
            try
            {
                await foreach (var line in reader)
                {
                    writer.Write(line);
                    await writer.DrainAsync();
                }
            }
            catch (Exception e) when (e is IOException or InvalidDataException or LimitOverrunException)
            {
                // not worth an answer
            }
        }
    }

    [Fact]
    public void A_client_that_sends_byte_after_byte_is_served_as_any_other() => Run(async () =>
    {
        await using var server = await ServeAsync(AnswerAsync);
        using var slow = ConnectSocket(server);
        slow.NoDelay = true;
        var text = Encoding.ASCII.GetBytes(new string('x', 500) + "\n");
        foreach (var one in text)
        {
            slow.Send([one]);
            await Asyncio.Yield();
        }
        var back = new byte[text.Length];
        for (var got = 0; got < back.Length; got += await slow.ReceiveAsync(back.AsMemory(got)))
        {
        }

        Assert.Equal(text, back);
        await AssertServesOthersAsync(server);
    });

    [Fact]
    public void A_client_that_never_reads_holds_up_itself_only() => Run(async () =>
    {
        AsyncStreamWriter? stuck = null;
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            stuck ??= writer;
            await AnswerAsync(reader, writer);
        });
        using var greedy = ConnectSocket(server);
        greedy.Blocking = false;
        var lines = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(new string('x', 999) + "\n", 100)));
        var sent = 0L;
        for (var refused = 0; refused < 50 || stuck is null;)
        {
            try
            {
                sent += greedy.Send(lines);
                refused = 0;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
            {
                refused++; // the server takes no more: its answers are not read
            }
            await Asyncio.Sleep(TimeSpan.FromMilliseconds(1));
        }

        Assert.True(sent > 100_000);
        Assert.True(stuck!.Transport.WriteBufferSize < 200_000, $"{stuck.Transport.WriteBufferSize} bytes wait to be sent.");
        await AssertServesOthersAsync(server);
        Reset(greedy);
    });

    [Fact]
    public void A_line_of_a_hundred_megabytes_ends_at_the_limit() => Run(async () =>
    {
        AsyncStreamReader? read = null;
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            read ??= reader;
            await AnswerAsync(reader, writer);
        });
        var sent = 0L;

        await BlockingPeer.Connect(server, stream =>
        {
            var piece = new byte[1024 * 1024];
            Array.Fill(piece, (byte)'x');
            try
            {
                for (; sent < 100L * piece.Length; sent += piece.Length)
                    stream.Write(piece);
            }
            catch (IOException)
            {
                // the server has had enough
            }
        });

        Assert.InRange(sent, 0, 20_000_000); // what the system keeps, and no more is held here. (Memory in use is also that of other tests.)
        Assert.NotNull(read);
        await AssertServesOthersAsync(server);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Thousands_of_connections_made_and_dropped_leave_nothing(bool tls) => Run(async () =>
    {
        const int Count = 2_000;
        await using var server = await ServeAsync(AnswerAsync, new ServerOptions { Backlog = 1024, Tls = tls ? Certificates.Server : null });
        var storm = Task.Factory.StartNew(() =>
        {
            for (var i = 0; i < Count; i++)
            {
                var socket = ConnectSocket(server);
                if (i % 3 == 0)
                    socket.Send("half a line"u8);
                if (i % 2 == 0)
                    Reset(socket);
                else
                    socket.Dispose();
            }
        }, TaskCreationOptions.LongRunning);

        while (!storm.IsCompleted)
            await AssertServesOthersAsync(server, tls);
        await storm;

        await Until(() => server.ClientCount == 0);
    });

    [Fact]
    public void Clients_that_say_nothing_are_held_for_little() => Run(async () =>
    {
        const int Count = 500;
        await using var server = await ServeAsync(AnswerAsync, new ServerOptions { Backlog = 1024 });
        var silent = new List<Socket>();
        for (var i = 0; i < Count; i++)
        {
            silent.Add(ConnectSocket(server));
            if (i % 100 == 0)
                await Asyncio.Yield();
        }
        await Until(() => server.ClientCount == Count);

        await AssertServesOthersAsync(server);
        await Until(() => server.ClientCount == Count);

        Assert.Equal(Count, await server.ShutdownAsync(TimeSpan.Zero)); // they are not waited for
        silent.ForEach(static socket => socket.Dispose());
    });

    private static byte[] Garbage(string kind) => kind switch
    {
        "plain text" => "GET / HTTP/1.1\r\n\r\n"u8.ToArray(),
        "zeros" => new byte[10_000],
        "ones" => [.. Enumerable.Repeat((byte)0xff, 10_000)],
        "a record longer than any may be" => [22, 3, 1, 0xff, 0xff, .. new byte[70_000]],
        "a hello that claims 16 MB" => [22, 3, 1, 0, 5, 1, 0xff, 0xff, 0xff, 0],
        "an alert" => [21, 3, 3, 0, 2, 2, 40],
        "data before the handshake" => [23, 3, 3, 0, 5, 1, 2, 3, 4, 5],
        "a byte" => [22],
        _ => [],
    };

    [Theory]
    [InlineData("plain text")]
    [InlineData("zeros")]
    [InlineData("ones")]
    [InlineData("a record longer than any may be")]
    [InlineData("a hello that claims 16 MB")]
    [InlineData("an alert")]
    [InlineData("data before the handshake")]
    [InlineData("a byte")]
    [InlineData("nothing")]
    public void Nonsense_instead_of_a_handshake_ends_only_that_connection(string kind) => Run(async () =>
    {
        await using var server = await ServeAsync(AnswerAsync, new ServerOptions
        {
            Tls = Certificates.Server,
            TlsHandshakeTimeout = TimeSpan.FromSeconds(2), // the honest client below has to make it too, on a busy machine
        });

        await BlockingPeer.Connect(server, stream =>
        {
            stream.Write(Garbage(kind));
            BlockingPeer.Drain(stream); // an alert perhaps, and the end
        });

        await Until(() => server.ClientCount == 0);
        await AssertServesOthersAsync(server, tls: true);
    });

    [Fact]
    public void Half_a_handshake_and_a_reset_leave_nothing() => Run(async () =>
    {
        await using var server = await ServeAsync(AnswerAsync, new ServerOptions { Tls = Certificates.Server });
        await BlockingPeer.Connect(server, static stream =>
        {
            using var held = new HeldBackStream(stream); // the end of the handshake is never sent
            var tls = new System.Net.Security.SslStream(held);
            _ = tls.AuthenticateAsClientAsync(Certificates.Client);
            Reset(stream.Socket);
        });

        await Until(() => server.ClientCount == 0);
        await AssertServesOthersAsync(server, tls: true);
    });

    private static async Coroutine AssertServesOthersAsync(Server server, bool tls = false)
    {
        var (reader, writer) = await ConnectAsync(server, new ConnectionOptions { Tls = tls ? Certificates.Client : null });
        writer.Write("still there?\n"u8);
        Assert.Equal("still there?\n"u8.ToArray(), await reader.ReadLineAsync());
        await writer.DisposeAsync();
    }
}

public sealed class EpollHostileClientTests() : HostileClientTests(new EpollEventLoop());

public sealed class IoUringHostileClientTests() : HostileClientTests(IoUring.NewLoop());

public sealed class PortableHostileClientTests() : HostileClientTests(new PortableEventLoop());
