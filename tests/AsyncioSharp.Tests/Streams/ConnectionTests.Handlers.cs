using System.Net.Sockets;

namespace AsyncioSharp.Tests.Streams;

// What becomes of a connection whose handler ends in another way than by closing it; peers that misbehave; much data.
public partial class ConnectionTests
{
    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_start_server")]
    public void A_server_echoes_lines() => Run(async () =>
    {
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            writer.Write(await reader.ReadLineAsync());
            await writer.DrainAsync();
            writer.Close();
            await writer.WaitClosedAsync();
        });

        Assert.Equal(Bytes("hello world!\n"), await AskAsync());
        Assert.Equal(Bytes("hello world!\n"), await AskAsync());

        async Coroutine<byte[]> AskAsync()
        {
            var (reader, writer) = await ConnectAsync(server);
            writer.Write("hello world!\n"u8);
            var answer = await reader.ReadAsync();
            await writer.DisposeAsync();
            return answer;
        }
    });

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_unhandled_exception")]
    public void A_handler_that_fails_is_reported_and_its_connection_closed() => Run(async () =>
    {
        await using var server = await ServeAsync(async (_, _) =>
        {
            await Asyncio.Yield();
            throw new DivideByZeroException();
        });
        var (reader, writer) = await ConnectAsync(server);

        Assert.Empty(await reader.ReadAsync());

        var report = Assert.Single(Reports());
        Assert.IsType<DivideByZeroException>(report.Exception);
        Assert.Equal("The handler of a connection failed; the connection is closed.", report.Message);
        await writer.DisposeAsync();
    });

    [Fact]
    public void A_handler_that_fails_before_it_is_a_coroutine_is_reported_too() => Run(async () =>
    {
        await using var server = await ServeAsync((_, _) => throw new DivideByZeroException());
        var (reader, writer) = await ConnectAsync(server);

        Assert.Empty(await reader.ReadAsync());

        Assert.IsType<DivideByZeroException>(Assert.Single(Reports()).Exception);
        await writer.DisposeAsync();
    });

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_unhandled_cancel")]
    public void A_handler_that_is_cancelled_closes_its_connection_without_a_report() => Run(async () =>
    {
        AsyncioTask? handler = null;
        await using var server = await ServeAsync(async (reader, _) =>
        {
            handler = Asyncio.CurrentTask;
            await reader.ReadAsync();
        });
        var (reader, writer) = await ConnectAsync(server);
        await Until(() => handler is not null);

        handler!.Cancel();

        Assert.Empty(await reader.ReadAsync());
        Assert.Empty(Reports());
        await writer.DisposeAsync();
    });

    [Fact]
    public void A_handler_that_returns_leaves_the_connection_open() => Run(async () =>
    {
        AsyncStreamWriter? kept = null;
        await using var server = await ServeAsync((_, writer) =>
        {
            kept = writer;
            return Coroutine.Completed;
        });
        var (reader, writer) = await ConnectAsync(server);
        await Until(() => kept is not null);

        kept!.Write("still here"u8);

        Assert.Equal(Bytes("still here"), await reader.ReadExactlyAsync(10));
        await writer.DisposeAsync();
        await kept.DisposeAsync();
    });

    [Fact]
    public void A_reset_by_the_peer_is_thrown_by_reads_and_not_by_disposing() => Run(async () =>
    {
        var outcome = Loop.CreateFuture<SocketError>();
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await using (writer)
            {
                var failure = await Expect.ThrowsAsync<IOException>(reader.ReadAsync());
                await Expect.ThrowsAsync<IOException>(writer.DrainAsync());
                await Expect.ThrowsAsync<IOException>(writer.WaitClosedAsync());
                outcome.SetResult(Assert.IsType<SocketException>(failure.InnerException).SocketErrorCode);
            }
        });

        Reset(ConnectSocket(server));

        Assert.Equal(SocketError.ConnectionReset, await outcome);
    });

    [Fact]
    public void Data_sent_before_a_reset_is_still_read() => Run(async () =>
    {
        var outcome = Loop.CreateFuture<byte[]>();
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            outcome.SetResult(await reader.ReadExactlyAsync(4));
            await Expect.ThrowsAsync<IOException>(reader.ReadAsync());
            await writer.DisposeAsync();
        });
        var socket = ConnectSocket(server);
        await Until(() => server.ClientCount == 1);

        socket.Send("last"u8);
        Reset(socket);

        Assert.Equal(Bytes("last"), await outcome);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(64 * 1024)]
    [InlineData(300_000)]
    public void Much_data_goes_both_ways_at_once_and_arrives_as_it_was(int readSize) => Run(async () =>
    {
        const int Size = 20_000_000;
        var size = readSize == 1 ? 100_000 : Size;
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await Asyncio.Gather(SendAsync(writer, size, seed: 1), ReceiveAsync(reader, size, seed: 2, readSize));
            await writer.DisposeAsync();
        });
        var (reader, writer) = await ConnectAsync(server);

        await Asyncio.Gather(SendAsync(writer, size, seed: 2), ReceiveAsync(reader, size, seed: 1, readSize));

        await writer.DisposeAsync();
        server.Close();
        await server.WaitClosedAsync(); // the other side may still have to read

        static async Coroutine SendAsync(AsyncStreamWriter writer, int size, int seed)
        {
            var random = new Random(seed);
            var sizes = new Random(-seed);
            while (size > 0)
            {
                var piece = new byte[Math.Min(size, sizes.Next(1, 500_000))];
                random.NextBytes(piece);
                writer.Write(piece);
                await writer.DrainAsync();
                size -= piece.Length;
            }
            writer.WriteEof();
        }

        static async Coroutine ReceiveAsync(AsyncStreamReader reader, int size, int seed, int readSize)
        {
            var expected = Sent(size, seed);
            var buffer = new byte[readSize];
            var at = 0;
            int count;
            while ((count = await reader.ReadAsync(buffer)) > 0)
            {
                Assert.True(buffer.AsSpan(0, count).SequenceEqual(expected.AsSpan(at, count)));
                at += count;
            }
            Assert.Equal(size, at);
        }

        static byte[] Sent(int size, int seed)
        {
            var random = new Random(seed);
            var sizes = new Random(-seed);
            var sent = new byte[size];
            for (var at = 0; at < size;)
            {
                var piece = sent.AsSpan(at, Math.Min(size - at, sizes.Next(1, 500_000)));
                random.NextBytes(piece);
                at += piece.Length;
            }
            return sent;
        }
    });

    [Fact]
    public void A_reader_that_is_not_read_holds_the_peer_up() => Run(async () =>
    {
        const int Limit = 4096;
        var connection = Loop.CreateFuture<(AsyncStreamReader Reader, AsyncStreamWriter Writer)>();
        await using var server = await ServeAsync((reader, writer) =>
        {
            connection.SetResult((reader, writer));
            return writer.WaitClosedAsync();
        }, new ServerOptions { Limit = Limit });
        var (_, writer) = await ConnectAsync(server);
        var (slow, slowWriter) = await connection;

        writer.Write(new byte[2 * Limit + 1]);
        await Until(() => !slowWriter.Transport.IsReading);
        Assert.Equal(Limit, (await slow.ReadExactlyAsync(Limit)).Length);
        Assert.False(slowWriter.Transport.IsReading);
        await slow.ReadExactlyAsync(1);
        Assert.True(slowWriter.Transport.IsReading);

        // Whoever needs more than that gets it.
        writer.Write(new byte[20 * Limit]);
        Assert.Equal(21 * Limit, (await slow.ReadExactlyAsync(21 * Limit)).Length);
        writer.Write(new byte[3 * Limit]);
        await Until(() => !slowWriter.Transport.IsReading);
        writer.Write(new byte[20 * Limit]);
        var memory = new byte[23 * Limit];
        await slow.ReadExactlyAsync(memory.AsMemory());
        await writer.DisposeAsync();
        await slowWriter.DisposeAsync();
    });
}
