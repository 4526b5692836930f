using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Streams;

/// <summary>Connections as .NET's own streams and pipes.</summary>
public abstract class AsStreamTests(EventLoop loop) : OnNetwork(loop)
{
    private static async Coroutine EchoAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        await using (writer)
        {
            var buffer = new byte[4096];
            int count;
            while ((count = await reader.ReadAsync(buffer)) > 0)
            {
                writer.Write(buffer.AsSpan(0, count));
                await writer.DrainAsync();
            }
        }
    }

    [Fact]
    public void A_library_reads_and_writes_on_the_loops_thread() => Run(async () =>
    {
        var thread = Environment.CurrentManagedThreadId;
        await using var server = await ServeAsync(EchoAsync);
        var (_, writer) = await ConnectAsync(server);
        await using var stream = writer.AsStream();

        var numbers = Enumerable.Range(0, 20_000).ToArray();
        var writing = JsonSerializer.SerializeAsync(stream, numbers);
        var read = 0;
        await foreach (var number in JsonSerializer.DeserializeAsyncEnumerable<int>(stream))
        {
            Assert.Equal(read++, number);
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
            Assert.NotNull(Asyncio.CurrentTask);
            if (read == numbers.Length)
                break;
        }
        await writing;
    });

    [Fact]
    public void Behind_ConfigureAwait_false_code_stays_on_the_loops_thread() => Run(async () =>
    {
        var thread = Environment.CurrentManagedThreadId;
        await using var server = await ServeAsync(EchoAsync);
        var (_, writer) = await ConnectAsync(server);
        await using var stream = writer.AsStream();
        var threads = new HashSet<int>();

        Assert.Equal(100, await TalkAsync());
        Assert.Equal([thread], threads);

        async Task<int> TalkAsync()
        {
            var count = 0;
            var buffer = new byte[1];
            for (var i = 0; i < 100; i++)
            {
                await stream.WriteAsync("x"u8.ToArray()).ConfigureAwait(false);
                count += await stream.ReadAsync(buffer).ConfigureAwait(false);
                threads.Add(Environment.CurrentManagedThreadId);
            }
            return count;
        }
    });

    [Fact]
    public void A_stream_can_be_used_on_another_thread() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync);
        var (_, writer) = await ConnectAsync(server);
        await using var stream = writer.AsStream();

        var line = await Task.Run(async () =>
        {
            await stream.WriteAsync("from the thread pool\n"u8.ToArray());
            await stream.FlushAsync();
            using var text = new StreamReader(stream, leaveOpen: true);
            return await text.ReadLineAsync();
        });

        Assert.Equal("from the thread pool", line);
    });

    [Fact]
    public void Cancelling_the_task_ends_the_librarys_read_and_loses_nothing() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync);
        var (reader, writer) = await ConnectAsync(server);
        var stream = writer.AsStream();
        var ended = false;
        var task = Asyncio.CreateTask(ReadAsync());
        await Expect.Turns(3);

        task.Cancel();
        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.True(ended);

        writer.Write("still here\n"u8);
        Assert.Equal("still here\n"u8.ToArray(), await reader.ReadLineAsync());
        await stream.DisposeAsync();

        async Coroutine ReadAsync() => await Library();

        async Task Library()
        {
            try
            {
                await stream.ReadExactlyAsync(new byte[10]).ConfigureAwait(false);
            }
            finally
            {
                ended = true;
            }
        }
    });

    [Fact]
    public void A_token_ends_a_read() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync);
        var (_, writer) = await ConnectAsync(server);
        await using var stream = writer.AsStream();
        using var source = new CancellationTokenSource();

        var read = stream.ReadAsync(new byte[1], source.Token).AsTask();
        source.Cancel();

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        Assert.Equal(source.Token, e.CancellationToken);
    });

    [Fact]
    public void Pipes_carry_data_both_ways() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync);
        var (_, writer) = await ConnectAsync(server);
        var pipe = writer.AsDuplexPipe();
        var sent = string.Concat(Enumerable.Range(0, 5000).Select(static i => $"{i};"));

        await pipe.Output.WriteAsync(Encoding.ASCII.GetBytes(sent));
        var got = new StringBuilder();
        while (got.Length < sent.Length)
        {
            var result = await pipe.Input.ReadAsync();
            got.Append(Encoding.ASCII.GetString(result.Buffer.ToArray()));
            pipe.Input.AdvanceTo(result.Buffer.End);
        }

        Assert.Equal(sent, got.ToString());
        await writer.DisposeAsync();
    });

    [Fact]
    public void The_end_of_the_connection_is_the_end_of_the_stream() => Run(async () =>
    {
        await using var server = await ServeAsync(static async (_, writer) =>
        {
            await using (writer)
                writer.Write("bye"u8);
        });
        var (reader, writer) = await ConnectAsync(server);

        using var text = new StreamReader(reader.AsStream());
        Assert.Equal("bye", await text.ReadToEndAsync());
        await writer.DisposeAsync();
    });

    [Fact]
    public async Task A_stream_whose_loop_is_closed_can_be_disposed_of_on_any_thread()
    {
        Stream stream = null!;
        Run(async () =>
        {
            await using var server = await ServeAsync(EchoAsync);
            stream = (await ConnectAsync(server)).Writer.AsStream();
        });
        Loop.Close();

        await Task.Run(async () => await stream.DisposeAsync());
        await Task.Run(stream.Dispose);
    }

    [Fact]
    public void A_stream_cannot_be_read_from_synchronously() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync);
        var (reader, writer) = await ConnectAsync(server);

        var e = Assert.Throws<NotSupportedException>(() => reader.AsStream().ReadByte());
        Assert.Contains("ReadAsync", e.Message, StringComparison.Ordinal);
        await writer.DisposeAsync();
    });
}

public sealed class EpollAsStreamTests() : AsStreamTests(new EpollEventLoop());

public sealed class IoUringAsStreamTests() : AsStreamTests(IoUring.NewLoop());

public sealed class PortableAsStreamTests() : AsStreamTests(new PortableEventLoop());
