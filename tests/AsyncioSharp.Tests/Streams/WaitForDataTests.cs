using System.Buffers;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Streams;

/// <summary>Waiting until there is something to read, without a buffer for it.</summary>
public abstract class WaitForDataTests(EventLoop loop) : OnNetwork(loop)
{
    [Fact]
    public void It_does_not_wait_for_what_is_there() => Run(async () =>
    {
        var reader = new AsyncStreamReader();
        reader.FeedData("x"u8);
        Assert.True(reader.WaitForDataAsync().GetAwaiter().IsCompleted);
        await reader.ReadAsync(1);
        Assert.False(reader.WaitForDataAsync().GetAwaiter().IsCompleted);

        var late = reader.WaitForDataAsync();
        reader.FeedData("x"u8);
        await late;
        await reader.ReadAsync(1);

        reader.FeedEof();
        await reader.WaitForDataAsync();
        Assert.Empty(await reader.ReadAsync());
    });

    [Fact]
    public void It_ends_with_data_the_end_or_a_failure() => Run(async () =>
    {
        Action<AsyncStreamReader>[] events =
            [reader => reader.FeedData("x"u8), reader => reader.FeedEof(), reader => reader.SetException(new InvalidDataException())];
        foreach (var happen in events)
        {
            var reader = new AsyncStreamReader();
            var waiting = Loop.CreateTask(reader.WaitForDataAsync());
            await Asyncio.Yield();
            Assert.False(waiting.IsCompleted);
            Assert.Throws<InvalidOperationException>(() => reader.ReadAsync(1));
            Assert.Throws<InvalidOperationException>(() => reader.WaitForDataAsync());

            happen(reader);
            await waiting;
        }
    });

    // The peer's part of the handshake was what there was.
    [Fact]
    public void What_was_there_before_the_connection_became_encrypted_is_not_waited_for_again() => Run(async () =>
    {
        var waited = Loop.CreateFuture<bool>();
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await reader.WaitForDataAsync();
            await writer.StartTlsAsync(Certificates.Server);
            var waiting = Loop.CreateTask(reader.WaitForDataAsync());
            await Expect.Turns(3);
            waited.SetResult(!waiting.IsCompleted);
            await waiting;
            writer.Write(await reader.ReadAsync(10));
            await writer.DisposeAsync();
        });
        var (reader, writer) = await ConnectAsync(server);
        await writer.StartTlsAsync(Certificates.Client);
        Assert.True(await waited);
        writer.Write("hello"u8);
        Assert.Equal("hello"u8.ToArray(), await reader.ReadAsync());
        await writer.DisposeAsync();
    });

    [Fact]
    public void Whoever_is_cancelled_leaves_the_reader_to_others() => Run(async () =>
    {
        var reader = new AsyncStreamReader();
        var waiting = Loop.CreateTask(reader.WaitForDataAsync());
        await Asyncio.Yield();
        waiting.Cancel();
        var read = Loop.CreateTask(reader.ReadAsync(10));
        await Expect.ThrowsAsync<CanceledException>(waiting);
        reader.FeedData("one"u8);
        Assert.Equal(Bytes("one"), await read);

        // Woken, then cancelled, while somebody else has begun to read already.
        waiting = Loop.CreateTask(reader.WaitForDataAsync());
        await Asyncio.Yield();
        reader.FeedData("two"u8);
        Assert.Equal(Bytes("two"), await reader.ReadAsync(3));
        read = Loop.CreateTask(reader.ReadAsync(10), eagerStart: true);
        waiting.Cancel();
        await Expect.ThrowsAsync<CanceledException>(waiting);
        reader.FeedData("three"u8);
        Assert.Equal(Bytes("three"), await read);
    });

    [Theory]
    [InlineData("into memory")]
    [InlineData("into little memory")]
    [InlineData("bytes")]
    [InlineData("lines")]
    [InlineData("exactly")]
    [InlineData("late")]
    public void What_came_can_be_read_in_any_way(string how) => Run(async () =>
    {
        const int Count = 50;
        var sent = new List<byte>();
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            for (var i = 0; i < Count; i++)
            {
                var line = Bytes($"{new string('x', 1 + i * 701)}\n");
                sent.AddRange(line);
                writer.Write(line);
                Assert.Single(await reader.ReadAsync(1));
            }
            await writer.DisposeAsync();
        });
        var (reader, writer) = await ConnectAsync(server);
        var received = new List<byte>();
        var memory = new byte[how == "into little memory" ? 100 : 100_000];
        while (!reader.AtEof)
        {
            await reader.WaitForDataAsync();
            if (how == "late")
                await Expect.Turns(3);
            var before = received.Count;
            switch (how)
            {
                case "bytes":
                    received.AddRange(await reader.ReadAsync(1000));
                    break;
                case "lines":
                    received.AddRange(await reader.ReadLineAsync());
                    break;
                case "exactly" when !reader.AtEof:
                    received.AddRange(await reader.ReadExactlyAsync(1));
                    break;
                default:
                    received.AddRange(memory.AsSpan(0, await reader.ReadAsync(memory)));
                    break;
            }
            if (received.Count > before && received[^1] == '\n')
                writer.Write("."u8);
            if (how == "exactly" && received.Count == 50 * 2 + 701 * 49 * 25)
                break;
        }
        Assert.Equal(sent, received);
        await writer.DisposeAsync();
        await Until(() => server.ClientCount == 0);
    });

    [Fact]
    public void The_end_and_a_reset_are_noticed_without_a_read() => Run(async () =>
    {
        var outcomes = new AsyncQueue<string>();
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await reader.WaitForDataAsync();
            await Until(() => reader.AtEof || reader.Exception is not null);
            await outcomes.PutAsync(reader.AtEof ? "end" : "reset");
            await writer.DisposeAsync();
        });

        ConnectSocket(server).Dispose();
        Assert.Equal("end", await outcomes.GetAsync());
        Reset(ConnectSocket(server));
        Assert.Equal("reset", await outcomes.GetAsync());
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_reset_is_noticed_by_whoever_was_told_of_data_and_does_not_read_it(bool atOnce) => Run(async () =>
    {
        var told = new AsyncEvent();
        var ended = new AsyncEvent();
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await reader.WaitForDataAsync();
            told.Set();
            await Expect.ThrowsAsync<IOException>(writer.WaitClosedAsync());
            Assert.IsType<IOException>(reader.Exception);
            ended.Set();
        });

        var socket = ConnectSocket(server);
        socket.Send("x"u8);
        if (atOnce)
            Reset(socket);
        await told.WaitAsync();
        await Expect.Turns(3);
        if (!atOnce)
            Reset(socket);
        await ended.WaitAsync();
    });

    [Fact]
    public void Data_that_was_left_unread_is_there_for_the_next_task() => Run(async () =>
    {
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await Loop.CreateTask(reader.WaitForDataAsync());
            await Expect.Turns(3);
            var line = Loop.CreateTask(reader.ReadLineAsync());
            await Expect.Turns(3);
            line.Cancel();
            await Expect.ThrowsAsync<CanceledException>(line);
            writer.Write(await reader.ReadExactlyAsync(6));
            await writer.DisposeAsync();
        });
        using var socket = ConnectSocket(server);
        socket.Send("abc"u8);
        var rest = Loop.CreateTask(SendLaterAsync());
        var answer = new byte[6];
        await Asyncio.ToThread(() => socket.Receive(answer));
        Assert.Equal(Bytes("abcdef"), answer);
        await rest;

        async Coroutine SendLaterAsync()
        {
            await Expect.Turns(20);
            socket.Send("def"u8);
        }
    });

    [Fact]
    public void A_connection_is_served_with_a_buffer_only_while_it_has_data() => Run(async () =>
    {
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            int count;
            do
            {
                await reader.WaitForDataAsync();
                var buffer = ArrayPool<byte>.Shared.Rent(1000);
                count = await reader.ReadAsync(buffer);
                writer.Write(buffer.AsSpan(0, count));
                ArrayPool<byte>.Shared.Return(buffer);
                await writer.DrainAsync();
            }
            while (count > 0);
            await writer.DisposeAsync();
        });
        await Asyncio.Gather(Enumerable.Range(0, 20).Select(AskAsync));
        await Until(() => server.ClientCount == 0);

        async Coroutine AskAsync(int number)
        {
            var (reader, writer) = await ConnectAsync(server);
            var message = new byte[number * 700 + 1];
            new Random(number).NextBytes(message);
            for (var i = 0; i < 20; i++)
            {
                writer.Write(message);
                Assert.Equal(message, await reader.ReadExactlyAsync(message.Length));
            }
            await writer.DisposeAsync();
        }
    });
}

public sealed class EpollWaitForDataTests() : WaitForDataTests(new EpollEventLoop());

public sealed class IoUringWaitForDataTests() : WaitForDataTests(IoUring.NewLoop());

public sealed class PortableWaitForDataTests() : WaitForDataTests(new PortableEventLoop());
