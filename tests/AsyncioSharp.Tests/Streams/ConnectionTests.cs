using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Streams;

/// <summary>Streams over a real connection.</summary>
public abstract partial class ConnectionTests(EventLoop loop) : OnNetwork(loop)
{
    // Answers one request as a web server would, and ends.
    private static async Coroutine AnswerAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        await reader.ReadUntilAsync("\r\n\r\n"u8);
        writer.Write("HTTP/1.0 200 OK\r\n\r\nTest message"u8);
        writer.Close();
    }

    private protected static async Coroutine EchoAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        var buffer = new byte[4096];
        int count;
        while ((count = await reader.ReadAsync(buffer)) > 0)
        {
            writer.Write(buffer.AsSpan(0, count));
            await writer.DrainAsync();
        }
        writer.Close();
    }

    // Reads until the peer ends, and ends.
    private static async Coroutine SwallowAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        await using (writer)
            await reader.ReadAsync();
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_open_connection")]
    [CPythonTest("test_streams.py", "StreamTests", "test_async_writer_api")]
    [CPythonTest("test_streams.py", "StreamTests", "test_wait_closed_on_close")]
    public void A_request_is_answered() => Run(async () =>
    {
        await using var server = await ServeAsync(AnswerAsync);
        var (reader, writer) = await ConnectAsync(server);

        writer.Write("GET / HTTP/1.0\r\n\r\n"u8);
        Assert.Equal(Bytes("HTTP/1.0 200 OK\r\n"), await reader.ReadLineAsync());
        Assert.Equal(Bytes("\r\nTest message"), await reader.ReadAsync());

        Assert.False(writer.IsClosing);
        writer.Close();
        Assert.True(writer.IsClosing);
        await writer.WaitClosedAsync();
    });

    [Theory]
    [InlineData(200_000, 64 * 1024)]
    [InlineData(1000, 100)]
    public void More_than_the_reader_takes_in_is_read_in_one_piece_though_the_last_bytes_come_late(int size, int limit) => Run(async () =>
    {
        var data = new byte[size];
        new Random(1).NextBytes(data);
        var read = Loop.CreateFuture<byte[]>();
        AsyncStreamWriter? accepted = null;
        await using var server = await ServeAsync(
            async (reader, writer) =>
            {
                accepted = writer;
                await using var _ = writer;
                var memory = new byte[size];
                await reader.ReadExactlyAsync(memory);
                read.SetResult(memory);
            },
            new ServerOptions { Limit = limit });
        var (_, writer) = await ConnectAsync(server);
        await using var _ = writer;

        writer.Transport.SetWriteBufferLimits(high: 0);
        writer.Write(data.AsSpan(..^10));
        await writer.DrainAsync();
        await Until(() => accepted is { Socket.Available: 0 });
        await Expect.Turns(10);
        writer.Write(data.AsSpan(^10..));

        Assert.Equal(data, await read);
    });

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_open_connection_error")]
    public void What_the_connection_was_lost_for_is_thrown_by_reads() => Run(async () =>
    {
        await using var server = await ServeAsync(SwallowAsync);
        var (reader, writer) = await ConnectAsync(server);

        writer.Transport.GetProtocol().ConnectionLost(new DivideByZeroException());

        await Expect.ThrowsAsync<DivideByZeroException>(reader.ReadAsync());
        writer.Close();
    });

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_wait_closed_on_close_with_unread_data")]
    public void A_connection_with_unread_data_can_be_closed() => Run(async () =>
    {
        await using var server = await ServeAsync(AnswerAsync);
        var (reader, writer) = await ConnectAsync(server);
        writer.Write("GET / HTTP/1.0\r\n\r\n"u8);
        await reader.ReadLineAsync();

        writer.Close();
        await writer.WaitClosedAsync();
    });

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_async_writer_api_exception_after_close")]
    public void Draining_a_closed_writer_throws() => Run(async () =>
    {
        await using var server = await ServeAsync(SwallowAsync);
        var (_, writer) = await ConnectAsync(server);

        writer.Close();
        writer.Write("data"u8);

        var failure = await Expect.ThrowsAsync<IOException>(writer.DrainAsync());
        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(failure.InnerException).SocketErrorCode);
        Assert.StartsWith("The connection was lost, or closed on this side", failure.Message);
    });

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_eof_feed_when_closing_writer")]
    public void A_reader_is_at_its_end_once_the_writer_was_closed() => Run(async () =>
    {
        await using var server = await ServeAsync(SwallowAsync);
        var (reader, writer) = await ConnectAsync(server);

        writer.Close();
        await writer.WaitClosedAsync();

        Assert.True(reader.AtEof);
        Assert.Empty(await reader.ReadAsync());
    });

    [Fact]
    public void A_read_that_waits_ends_when_the_writer_is_closed() => Run(async () =>
    {
        await using var server = await ServeAsync(SwallowAsync);
        var (reader, writer) = await ConnectAsync(server);
        var read = Asyncio.CreateTask(reader.ReadAsync(100));
        await Asyncio.Yield();

        writer.Close();

        Assert.Empty(await read);
    });

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_drain_raises")]
    public void A_program_that_writes_for_ever_learns_that_the_peer_is_gone() => Run(async () =>
    {
        await using var server = await ServeAsync(async (_, writer) =>
        {
            writer.Close();
            await writer.WaitClosedAsync();
        });
        var (_, writer) = await ConnectAsync(server);

        await Expect.ThrowsAsync<IOException>(async () =>
        {
            while (true)
            {
                writer.Write("foo\n"u8);
                await writer.DrainAsync();
            }
        });
    });

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_multiple_drain")]
    public void Several_tasks_may_drain() => Run(async () =>
    {
        var (server, writer, peer) = await ConnectFullAsync();
        await using var serving = server;

        var drains = Enumerable.Range(0, 10).Select(_ => Loop.CreateTask(writer.DrainAsync())).ToArray();
        await Expect.Turns(3);
        Assert.All(drains, drain => Assert.False(drain.IsCompleted));
        drains[3].Cancel();

        var swallowing = Loop.CreateTask(peer.ReadAsync());
        foreach (var drain in drains.Where((_, i) => i != 3))
            await drain;
        Assert.True(drains[3].IsCanceled);
        await writer.DisposeAsync();
        await swallowing;
        server.CloseClients();
    });

    [Fact]
    public void Those_that_drain_are_told_when_the_connection_is_lost() => Run(async () =>
    {
        var (server, writer, _) = await ConnectFullAsync();
        await using var serving = server;
        var drains = Enumerable.Range(0, 2).Select(_ => Loop.CreateTask(writer.DrainAsync())).ToArray();
        await Asyncio.Yield();

        writer.Transport.Abort();

        foreach (var drain in drains) // what they wait for has not left, and never will
        {
            var failure = await Expect.ThrowsAsync<IOException>(drain);
            Assert.StartsWith("The connection was lost, or closed on this side", failure.Message);
        }
        await Expect.ThrowsAsync<IOException>(writer.DrainAsync());
        await writer.WaitClosedAsync(); // nobody failed
        server.AbortClients();
    });

    [Fact]
    public void Those_that_drain_are_told_when_a_connection_that_closes_is_aborted() => Run(async () =>
    {
        var (server, writer, _) = await ConnectFullAsync();
        await using var serving = server;
        var drain = Loop.CreateTask(writer.DrainAsync());
        await Asyncio.Yield();

        writer.Close();
        writer.Transport.Abort();

        await Expect.ThrowsAsync<IOException>(drain);
        server.AbortClients();
    });

    [Fact]
    public void Those_that_drain_succeed_when_a_connection_that_closes_has_sent_everything() => Run(async () =>
    {
        var (server, writer, peer) = await ConnectFullAsync();
        await using var serving = server;
        var drain = Loop.CreateTask(writer.DrainAsync());
        await Asyncio.Yield();

        writer.Close();
        var swallowing = Loop.CreateTask(peer.ReadAsync());

        await drain;
        await writer.WaitClosedAsync();
        await swallowing;
        server.CloseClients();
    });

    [Fact]
    public void The_addresses_are_known() => Run(async () =>
    {
        await using var server = await ServeAsync(async (_, writer) =>
        {
            Assert.Equal(IPAddress.Loopback, ((IPEndPoint)writer.RemoteEndPoint!).Address);
            writer.Write(Bytes($"{writer.RemoteEndPoint} {writer.LocalEndPoint}"));
            await writer.DisposeAsync();
        });
        var (reader, writer) = await ConnectAsync(server);

        var told = await reader.ReadAsync();

        Assert.Equal(Bytes($"{writer.LocalEndPoint} {writer.RemoteEndPoint}"), told);
        Assert.Equal(Port(server), ((IPEndPoint)writer.RemoteEndPoint!).Port);
        Assert.True(writer.Socket!.NoDelay);
        writer.Socket.Dispose(); // harmless: it is a view
        await writer.DisposeAsync();
        Assert.Null(writer.Socket);
        Assert.NotNull(writer.RemoteEndPoint);
    });

    [Fact]
    public void One_side_can_end_while_the_other_goes_on() => Run(async () =>
    {
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            var question = await reader.ReadAsync();
            await Asyncio.Yield();
            writer.Write(question);
            writer.Write("!"u8);
            await writer.DisposeAsync();
        });
        var (reader, writer) = await ConnectAsync(server);
        Assert.True(writer.CanWriteEof);

        writer.WriteLines([Bytes("a"), Bytes("bc"), Bytes("d")]);
        writer.WriteEof();
        writer.WriteEof();

        Assert.Throws<InvalidOperationException>(() => writer.Write("e"u8));
        Assert.Equal(Bytes("abcd!"), await reader.ReadAsync());
        await writer.DisposeAsync();
    });

    [Fact]
    public void Draining_an_idle_connection_does_not_wait() => Run(async () =>
    {
        await using var server = await ServeAsync(SwallowAsync);
        var (_, writer) = await ConnectAsync(server);

        Assert.True(writer.DrainAsync().GetAwaiter().IsCompleted);

        await writer.DisposeAsync();
    });

    [Fact]
    [CPythonTest("test_base_events.py", "TestSelectorUtils", "test_set_nodelay")]
    public void A_connected_socket_can_be_taken_over() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync);
        using var socket = ConnectSocket(server);
        var (reader, writer) = await Asyncio.OpenConnectionAsync(new ConnectionOptions { Socket = socket });

        Assert.True(socket.NoDelay);
        writer.Write("hello"u8);
        Assert.Equal(Bytes("hello"), await reader.ReadExactlyAsync(5));
        await writer.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => socket.Available);
    });

    // A connection whose writer is full, and the reader of its other side, which nobody reads from.
    private async Coroutine<(Server Server, AsyncStreamWriter Writer, AsyncStreamReader Peer)> ConnectFullAsync()
    {
        var started = Loop.CreateFuture<AsyncStreamReader>();
        var server = await ServeAsync(async (reader, writer) =>
        {
            started.SetResult(reader);
            await writer.WaitClosedAsync();
        });
        var (_, writer) = await ConnectAsync(server);
        var peer = await started;
        FillUp(writer);
        return (server, writer, peer);
    }

    // Writes until the transport asks to stop.
    private static void FillUp(AsyncStreamWriter writer)
    {
        var data = new byte[256 * 1024];
        while (writer.Transport.WriteBufferSize <= writer.Transport.WriteBufferLimits.High)
            writer.Write(data);
    }
}

public sealed class EpollConnectionTests() : LinuxConnectionTests(new EpollEventLoop());

public sealed class IoUringConnectionTests() : LinuxConnectionTests(IoUring.NewLoop());

public abstract class LinuxConnectionTests(EventLoop loop) : ConnectionTests(loop)
{
    [Fact]
    public void A_socket_that_was_taken_over_may_be_disposed_of_early() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync);
        var socket = ConnectSocket(server);
        var (reader, writer) = await Asyncio.OpenConnectionAsync(new ConnectionOptions { Socket = socket });

        socket.Dispose();
        writer.Write("hello"u8);

        Assert.Equal(Bytes("hello"), await reader.ReadExactlyAsync(5));
        await writer.DisposeAsync();
    });
}

public sealed class PortableConnectionTests() : ConnectionTests(new PortableEventLoop())
{
    [Fact]
    public void A_socket_that_was_taken_over_and_is_disposed_of_ends_the_connection() => Run(async () =>
    {
        await using var server = await ServeAsync(() => new Recorder());
        var socket = ConnectSocket(server);
        var (reader, writer) = await Asyncio.OpenConnectionAsync(new ConnectionOptions { Socket = socket });

        socket.Dispose();
        writer.Write("hello"u8);

        var failure = await Expect.ThrowsAsync<IOException>(reader.ReadExactlyAsync(5));
        Assert.Equal(SocketError.OperationAborted, Assert.IsType<SocketException>(failure.InnerException).SocketErrorCode);
        await writer.DisposeAsync();
    });
}
