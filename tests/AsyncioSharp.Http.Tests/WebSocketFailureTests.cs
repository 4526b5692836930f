using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests;

namespace AsyncioSharp.Http.Tests;

/// <summary>Peers of a WebSocket that break the rules, are rude, or say nothing.</summary>
public abstract class WebSocketFailureTests(EventLoop loop, Kestrel kestrel) : OnHttp(loop, kestrel)
{
    private const string Request =
        "GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\n" +
        "Connection: upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    /// <summary>A frame of a client; its mask is zero.</summary>
    private static byte[] Frame(int first, params byte[] payload) => [(byte)first, (byte)(0x80 | payload.Length), 0, 0, 0, 0, .. payload];

    /// <summary>A server that lets clients in, and says nothing more.</summary>
    private static Coroutine<Server> ServeSilentlyAsync(bool read) => Asyncio.StartServerAsync(async (reader, writer) =>
    {
        await using (writer)
        {
            var key = (await ReadHeadAsync(reader)).Split("\r\n")
                .Single(static line => line.StartsWith("Sec-WebSocket-Key: ", StringComparison.Ordinal))[19..];
            var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes($"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
            Write(writer, $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n");
            if (read)
                await ReadToEndAsync(reader);
            else
                await Asyncio.Sleep(3600);
        }
    }, "127.0.0.1", 0);

    private static async Coroutine ReadToEndAsync(AsyncStreamReader reader)
    {
        try
        {
            while ((await reader.ReadAsync(100)).Length > 0)
            {
            }
        }
        catch (IOException)
        {
            // reset: that is the end, too
        }
    }

    [Fact]
    public void A_client_that_never_asks_is_not_waited_for() => Run(async () =>
    {
        await using var server = await ServeAsync(
            static socket => throw new InvalidOperationException(), new AsyncioWebSocketOptions { HandshakeTimeout = TimeSpan.FromMilliseconds(1) });
        var (reader, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", Port(server));
        await using (writer)
        {
            Write(writer, Request[..^2]); // all but its end

            await ReadToEndAsync(reader);
        }
    });

    [Fact]
    public void After_a_message_that_is_too_long_none_is_made_of_its_rest() => Run(async () =>
    {
        await using var server = await ServeAsync(static async socket =>
        {
            await socket.SendAsync(new string('x', 50_000));
            await socket.SendAsync("next");
            await socket.ReceiveAsync();
        });
        await using var socket = await OpenAsync(server, options: new AsyncioWebSocketOptions { MaxMessageSize = 1000 });
        var first = await Expect.ThrowsAsync<WebSocketException>(async () => await socket.ReceiveAsync());
        Assert.Contains("MaxMessageSize", first.Message, StringComparison.Ordinal);
        var again = await Expect.ThrowsAsync<WebSocketException>(async () => await socket.ReceiveAsync());
        Assert.Equal(first.Message, again.Message);
        await socket.CloseAsync(); // the peer's answer is read all the same
        Assert.Equal(WebSocketState.Closed, socket.Socket.State);
        Assert.Null(await socket.ReceiveAsync());
    });

    [Fact]
    public void A_peer_that_does_not_answer_to_a_close_is_waited_for_no_longer_than_told() => Run(async () =>
    {
        await using var server = await ServeAsync(
            static async socket => await socket.SendAsync("bye"), new AsyncioWebSocketOptions { CloseTimeout = TimeSpan.FromMilliseconds(50) });
        var (reader, writer) = await ConnectAsync(server);
        await using (writer)
        {
            Write(writer, Request);
            await ReadHeadAsync(reader);
            await ReadToEndAsync(reader);
        }
        await Until(() => Asyncio.AllTasks().Count == 1);
    });

    [Theory]
    [InlineData("its handler is cancelled while it sends")]
    [InlineData("its handler has sent all that there is room for")]
    [InlineData("its handler does not end, and no pong comes")]
    [InlineData("it has said that it closes")]
    public void A_client_that_takes_nothing_is_given_up_when(string how) => Run(async () =>
    {
        var isOfKeepAlive = how.EndsWith("no pong comes", StringComparison.Ordinal);
        await using var server = await ServeAsync(async socket =>
        {
            if (how == "it has said that it closes")
            {
                var sending = Asyncio.CreateTask(SendAsync());
                await socket.ReceiveAsync();
                await Expect.ThrowsAsync<WebSocketException>(sending);
            }
            else if (isOfKeepAlive)
            {
                await SendAsync();
            }
            else if (how == "its handler is cancelled while it sends")
            {
                await Expect.ThrowsAsync<TimeoutException>(() => Asyncio.Timeout(0.05, _ => SendAsync()));
            }
            else
            {
                for (var sent = 0; sent < 8_000_000; sent += 50_000)
                {
                    var piece = Asyncio.CreateTask(SendSomeAsync());
                    await Expect.Turns(3);
                    if (!piece.IsCompleted)
                        return; // what is left goes with the connection
                    await piece;
                }
            }

            async Coroutine SendAsync() => await socket.SendAsync(new byte[20_000_000]);
            async Coroutine SendSomeAsync() => await socket.SendAsync(new byte[50_000]);
        }, new AsyncioWebSocketOptions
        {
            CloseTimeout = TimeSpan.FromMilliseconds(50),
            KeepAliveInterval = isOfKeepAlive ? TimeSpan.FromMilliseconds(20) : TimeSpan.Zero,
            KeepAliveTimeout = isOfKeepAlive ? TimeSpan.FromMilliseconds(20) : Timeout.InfiniteTimeSpan,
        });
        var (reader, writer) = await ConnectAsync(server);
        Write(writer, Request);
        await ReadHeadAsync(reader);
        writer.Transport.PauseReading();
        if (how == "it has said that it closes")
            writer.Write(Frame(0x88, 0x03, 0xE8));
        await Until(() => server.ClientCount == 0);
        writer.Transport.Abort();
    });

    [Fact]
    public void A_close_with_a_receive_under_way_gives_up_as_well() => Run(async () =>
    {
        await using var server = await ServeSilentlyAsync(read: true);
        await using var socket = await OpenAsync(server, options: new AsyncioWebSocketOptions { CloseTimeout = TimeSpan.FromMilliseconds(50) });
        var receiving = Asyncio.CreateTask(ReceiveAsync());
        await Expect.Turns(3);
        await socket.CloseAsync();
        await Expect.ThrowsAsync<WebSocketException>(receiving);
        Assert.Equal(WebSocketState.Aborted, socket.Socket.State);
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);

        async Coroutine ReceiveAsync() => await socket.ReceiveAsync();
    });

    [Theory]
    [InlineData("disposed of")]
    [InlineData("aborted")]
    [InlineData("closed by another task")]
    public void A_close_is_over_when_the_connection_is_ended_elsewhere(string how) => Run(async () =>
    {
        await using var server = await ServeSilentlyAsync(read: true);
        await using var socket = await OpenAsync(server, options: new AsyncioWebSocketOptions { CloseTimeout = TimeSpan.FromSeconds(2) });
        var first = Asyncio.CreateTask(socket.CloseAsync());
        await Expect.Turns(5);
        Assert.False(first.IsCompleted);
        if (how == "disposed of")
            await socket.DisposeAsync();
        else if (how == "aborted")
            socket.Socket.Abort();
        else
            await socket.CloseAsync();
        await first; // nobody has cancelled it
    });

    [Fact]
    public void What_is_being_sent_when_the_connection_is_ended_fails() => Run(async () =>
    {
        await using var server = await ServeSilentlyAsync(read: false);
        var socket = await OpenAsync(server);
        var sending = Asyncio.CreateTask(SendAsync());
        await Expect.Turns(5);
        Assert.False(sending.IsCompleted);
        await socket.DisposeAsync();
        await Expect.ThrowsAsync<WebSocketException>(sending);

        async Coroutine SendAsync() => await socket.SendAsync(new byte[20_000_000]);
    });

    [Theory]
    [InlineData("invalid UTF-8")]
    [InlineData("a reserved opcode")]
    [InlineData("a fragment of nothing")]
    [InlineData("a fragmented ping")]
    [InlineData("a close of one byte")]
    [InlineData("a message that is too long")]
    public void A_client_that_breaks_the_rules_is_closed_and_not_reported(string how) => Run(async () =>
    {
        byte[] frame = how switch
        {
            "invalid UTF-8" => Frame(0x81, 0xC3, 0x28),
            "a reserved opcode" => Frame(0x83, 1),
            "a fragment of nothing" => Frame(0x80, 1),
            "a fragmented ping" => Frame(0x09, 1),
            "a close of one byte" => Frame(0x88, 1),
            _ => Frame(0x82, new byte[100]),
        };
        Exception? seen = null;
        await using var server = await ServeAsync(async socket =>
        {
            try
            {
                await socket.ReceiveAsync();
            }
            catch (WebSocketException e)
            {
                seen = e;
                throw;
            }
        }, new AsyncioWebSocketOptions { MaxMessageSize = 50, CloseTimeout = TimeSpan.FromMilliseconds(50) });
        var (reader, writer) = await ConnectAsync(server);
        await using (writer)
        {
            Write(writer, Request);
            await ReadHeadAsync(reader);
            writer.Write(frame);
            await ReadToEndAsync(reader);
        }
        await Until(() => Asyncio.AllTasks().Count == 1); // what it reports, Run fails with
        Assert.NotNull(seen);
    });

    [Fact]
    public void A_peer_that_closes_and_is_gone_has_closed() => Run(async () =>
    {
        var socket = WebSocket.CreateFromStream(new GoneAfterClose(), new WebSocketCreationOptions { IsServer = true });
        await using var client = new AsyncioWebSocket(socket);
        Assert.Null(await client.ReceiveAsync());
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, client.CloseStatus);
        await client.CloseAsync();
    });

    [Fact]
    public void Fragments_with_a_ping_between_them_are_one_message_and_frames_may_come_with_the_request() => Run(async () =>
    {
        WebSocketMessage? message = null;
        await using var server = await ServeAsync(async socket => message = await socket.ReceiveAsync());
        var (reader, writer) = await ConnectAsync(server);
        await using (writer)
        {
            byte[] frames = [.. Frame(0x01, (byte)'G', (byte)'r'), .. Frame(0x00, 0xC3),
                .. Frame(0x89, (byte)'?'), .. Frame(0x80, 0xBC), .. Frame(0x88, 0x03, 0xE8)];
            writer.Write([.. Encoding.Latin1.GetBytes(Request), .. frames]);
            await ReadHeadAsync(reader);
            var answer = await reader.ReadAsync();
            Assert.Equal(new byte[] { 0x8A, 1, (byte)'?' }, answer[..3]); // the pong
            Assert.Equal(0x88, answer[3]);
        }
        Assert.Equal("Grü", message!.Value.Text);
    });

    /// <summary>Has received that the peer closes; nothing can be sent any more.</summary>
    private sealed class GoneAfterClose : SequentialStream
    {
        private readonly MemoryStream _received = new([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE9]);

        public override int Read(byte[] buffer, int offset, int count) => _received.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _received.ReadAsync(buffer, cancellationToken);

        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("Broken pipe");

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromException(new IOException("Broken pipe"));
    }
}

public sealed class WebSocketFailuresOnEpoll(Kestrel kestrel) : WebSocketFailureTests(new EpollEventLoop(), kestrel);

public sealed class WebSocketFailuresOnIoUring(Kestrel kestrel) : WebSocketFailureTests(IoUring.NewLoop(), kestrel);

public sealed class WebSocketFailuresOnPortableLoop(Kestrel kestrel) : WebSocketFailureTests(new PortableEventLoop(), kestrel);
