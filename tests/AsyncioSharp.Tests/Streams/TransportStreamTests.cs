using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Streams;

/// <summary>Connections as streams that belong to no task, for libraries with pools of them.</summary>
public abstract partial class TransportStreamTests(EventLoop loop, Func<EventLoop> factory) : OnNetwork(loop)
{
    private protected static async Coroutine EchoAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        await using (writer)
        {
            var buffer = new byte[64 * 1024];
            while (await reader.ReadAsync(buffer) is > 0 and var count)
            {
                writer.Write(buffer.AsSpan(0, count));
                await writer.DrainAsync();
            }
        }
    }

    private static Coroutine<TransportStream> OpenAsync(Server server) => TransportStream.ConnectAsync("127.0.0.1", Port(server));

    [Fact]
    public void What_is_written_arrives_and_code_stays_on_the_loops_thread() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync);
        await using var stream = await OpenAsync(server);
        var threads = new HashSet<int>();
        await TalkAsync();
        Assert.Equal([Environment.CurrentManagedThreadId], threads);

        async Task TalkAsync()
        {
            var buffer = new byte[4];
            for (var i = 0; i < 100; i++)
            {
                await stream.WriteAsync("ping"u8.ToArray()).ConfigureAwait(false);
                threads.Add(Environment.CurrentManagedThreadId);
                await stream.ReadExactlyAsync(buffer).ConfigureAwait(false);
                threads.Add(Environment.CurrentManagedThreadId);
                Assert.Equal("ping"u8.ToArray(), buffer);
            }
        }
    });

    [Fact]
    public void Code_of_the_thread_pool_stays_there() => Run(async () =>
    {
        var thread = Environment.CurrentManagedThreadId;
        await using var server = await ServeAsync(EchoAsync);
        var stream = await OpenAsync(server);
        await Task.Run(async () =>
        {
            Assert.NotEqual(thread, Environment.CurrentManagedThreadId);
            await stream.WriteAsync("hello"u8.ToArray());
            await stream.ReadExactlyAsync(new byte[5]);
        });
        var reading = Task.Run(async () =>
        {
            await stream.ReadExactlyAsync(new byte[5]).ConfigureAwait(false);
            Assert.True(Thread.CurrentThread.IsThreadPoolThread);
            await stream.WriteAsync(new byte[5_000_000]); // more than the system takes at once
            return Environment.CurrentManagedThreadId;
        });
        await Asyncio.Sleep(0.05); // real: until that thread waits
        await stream.WriteAsync("hello"u8.ToArray());
        Assert.NotEqual(thread, await reading);
        await stream.ReadExactlyAsync(new byte[5_000_000]);
        Assert.Equal(thread, Environment.CurrentManagedThreadId);
        await Task.Run(async () =>
        {
            await stream.WriteAsync("hello"u8.ToArray());
            var read = await Task.Run(() => stream.ReadAsync(new byte[10]).AsTask());
            Assert.Equal(5, read);
            await stream.DisposeAsync();
        });
    });

    [Fact]
    public void Many_bytes_go_both_ways_from_another_thread() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync);
        await using var stream = await OpenAsync(server);
        var (sent, received) = (new byte[5_000_000], new byte[5_000_000]);
        Random.Shared.NextBytes(sent);
        await Task.WhenAll(
            Task.Run(async () =>
            {
                for (var at = 0; at < sent.Length; at += 50_000)
                {
                    await Task.Yield();
                    await stream.WriteAsync(sent.AsMemory(at, 50_000));
                }
            }),
            Task.Run(async () =>
            {
                for (var at = 0; at < received.Length;)
                {
                    at += await stream.ReadAsync(received.AsMemory(at, Math.Min(33_333, received.Length - at)));
                    if (at % 2 == 0)
                        await Task.Yield();
                }
            }));
        Assert.Equal(sent, received);
    });

    [Fact]
    public void A_read_of_no_bytes_waits_for_data_and_takes_none() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync);
        await using var stream = await OpenAsync(server);
        for (var i = 0; i < 3; i++)
        {
            var waiting = stream.ReadAsync(Memory<byte>.Empty);
            await Expect.Turns(10);
            Assert.False(waiting.IsCompleted);
            await stream.WriteAsync("abc"u8.ToArray());
            Assert.Equal(0, await waiting);
            Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty));
            var buffer = new byte[10];
            Assert.Equal(3, await stream.ReadAsync(buffer));
        }
    });

    [Fact]
    public void Data_that_nobody_reads_stays_with_the_system() => Run(async () =>
    {
        var (sent, paused) = (0, false);
        await using var server = await ServeAsync(async (_, writer) =>
        {
            await using (writer)
            {
                for (; sent < 20_000_000; sent += 100_000)
                {
                    writer.Write(new byte[100_000]);
                    paused = writer.Transport.WriteBufferSize > 0;
                    await writer.DrainAsync();
                }
            }
        });
        await using var stream = await OpenAsync(server);
        await Until(() => paused);
        await Expect.Turns(20);
        Assert.True(sent < 20_000_000);
        var (total, buffer) = (0L, new byte[70_000]);
        while (await stream.ReadAsync(buffer) is > 0 and var count)
            total += count;
        Assert.Equal(20_000_000, total);
    });

    [Fact]
    public void A_write_ends_when_the_system_has_taken_everything() => Run(async () =>
    {
        var read = EventLoop.Running.CreateFuture<bool>();
        var total = 0L;
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await using (writer)
            {
                await read;
                total = (await reader.ReadAsync()).Length;
            }
        });
        var stream = await OpenAsync(server);
        var write = stream.WriteAsync(new byte[20_000_000]);
        await Expect.Turns(20);
        Assert.False(write.IsCompleted);
        read.SetResult(true);
        await write;
        await stream.DisposeAsync(); // drops nothing
        await Until(() => total > 0);
        Assert.Equal(20_000_000, total);
    });

    [Fact]
    public void Cancelling_a_read_takes_no_data() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync);
        await using var stream = await OpenAsync(server);
        for (var i = 0; i < 20; i++)
        {
            using var source = new CancellationTokenSource();
            var read = stream.ReadAsync(new byte[1], source.Token).AsTask();
            if (i % 2 == 0)
                source.Cancel();
            else
                await Task.Run(source.Cancel);
            var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
            Assert.Equal(source.Token, failure.CancellationToken);
        }
        await stream.WriteAsync("x"u8.ToArray());
        var buffer = new byte[10];
        Assert.Equal(1, await stream.ReadAsync(buffer));
        Assert.True(stream.ReadAsync(buffer, new CancellationToken(true)).IsCanceled);
    });

    [Fact]
    public void Cancelling_races_with_data_on_two_threads() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync);
        await using var stream = await OpenAsync(server);
        var (written, read) = (0, 0);
        for (var i = 0; i < 500; i++)
        {
            using var source = new CancellationTokenSource();
            await stream.WriteAsync("x"u8.ToArray());
            written++;
            var cancelling = Task.Run(source.Cancel);
            try
            {
                read += await stream.ReadAsync(new byte[10], source.Token);
            }
            catch (OperationCanceledException)
            {
            }
            await cancelling;
        }
        while (read < written)
            read += await stream.ReadAsync(new byte[100]);
        Assert.Equal(written, read);
    });

    [Fact]
    public void A_second_read_beside_the_first_is_refused() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync);
        await using var stream = await OpenAsync(server);
        var read = stream.ReadAsync(new byte[1]);
        Assert.Throws<InvalidOperationException>(() => { _ = stream.ReadAsync(new byte[1]); });
        await stream.WriteAsync("x"u8.ToArray());
        Assert.Equal(1, await read);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Disposing_ends_what_waits_and_the_connection(bool elsewhere) => Run(async () =>
    {
        var ended = false;
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await using (writer)
            {
                ended = (await reader.ReadAsync(1)).Length == 0;
            }
        });
        var stream = await OpenAsync(server);
        var read = stream.ReadAsync(new byte[1]).AsTask();
        if (elsewhere)
            await Task.Run(stream.Dispose);
        else
            stream.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => read);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stream.ReadAsync(new byte[1]).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stream.WriteAsync(new byte[1]).AsTask());
        await Until(() => ended);
        stream.Dispose();
    });

    [Fact]
    public void The_end_and_the_loss_of_a_connection_are_told() => Run(async () =>
    {
        using var listener = Listen(out var port);
        await using (var stream = await TransportStream.ConnectAsync("127.0.0.1", port))
        {
            using var peer = await listener.AcceptAsync();
            peer.Send("bye"u8);
            peer.Shutdown(SocketShutdown.Send);
            var buffer = new byte[10];
            Assert.Equal(3, await stream.ReadAsync(buffer));
            Assert.Equal(0, await stream.ReadAsync(buffer));
            Assert.Equal(0, await stream.ReadAsync(buffer));
            await stream.WriteAsync("still"u8.ToArray());
            Assert.Equal(5, peer.Receive(buffer));
        }
        await using (var stream = await TransportStream.ConnectAsync("127.0.0.1", port))
        {
            var peer = await listener.AcceptAsync();
            var read = stream.ReadAsync(new byte[1]);
            Reset(peer);
            var failure = await Assert.ThrowsAsync<IOException>(() => read.AsTask());
            Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(failure.InnerException).SocketErrorCode);
            await Assert.ThrowsAsync<IOException>(() => stream.WriteAsync(new byte[1]).AsTask());
        }
    });

    [Fact]
    public async Task When_the_loop_closes_what_waits_ends_and_nothing_touches_it_any_more()
    {
        using var listener = Listen(out var port);
        TransportStream stream = null!;
        Task<int> read = null!;
        var reports = new List<ExceptionContext>();
        Asyncio.Run(async () =>
        {
            EventLoop.Running.ExceptionHandler = (_, report) => reports.Add(report);
            stream = await TransportStream.ConnectAsync("127.0.0.1", port);
            read = stream.ReadAsync(new byte[1]).AsTask();
        }, new RunnerOptions { LoopFactory = factory, Debug = true });
        await Assert.ThrowsAsync<ObjectDisposedException>(() => read);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stream.ReadAsync(new byte[1]).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stream.WriteAsync(new byte[1]).AsTask());
        stream.Dispose();
        Assert.Empty(reports);
    }

    [Fact]
    public void Reading_and_writing_allocate_nothing() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync);
        await using var stream = await OpenAsync(server);
        var (buffer, read) = (new byte[100], 0L);
        await Allocations.AssertNoneAsync(2000, async () =>
        {
            for (var i = 0; i < 2000; i++)
            {
                // As libraries await it; otherwise .NET notes the synchronization context in an object of its own.
                await stream.WriteAsync(buffer).ConfigureAwait(false);
                await stream.ReadAsync(Memory<byte>.Empty).ConfigureAwait(false);
                read += await stream.ReadAsync(buffer).ConfigureAwait(false);
            }
        });
        Assert.True(read > 0 && read % 200_000 == 0);
    });

    [Fact]
    public void TLS_is_not_its_business() => Run(async () =>
    {
        Assert.Throws<ArgumentException>(() => TransportStream.ConnectAsync("localhost", 1, new ConnectionOptions { Tls = new() }));
        await Asyncio.Yield();
    });

    [Fact]
    public void Bad_arguments_are_refused_at_the_call() => Run(async () =>
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TransportStream.ConnectAsync("localhost", 65536));
        Assert.Throws<ArgumentOutOfRangeException>(() => TransportStream.ConnectAsync("localhost", 1, new ConnectionOptions { Interleave = -1 }));
        if (Socket.OSSupportsUnixDomainSockets)
        {
            Assert.Throws<ArgumentException>(() => TransportStream.ConnectUnixAsync(""));
            Assert.Throws<ArgumentOutOfRangeException>(() => TransportStream.ConnectUnixAsync(new string('x', 500)));
        }
        await Asyncio.Yield();
    });

    [Fact]
    public void It_can_be_begun_on_another_thread_and_run_on_the_loops() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync);
        var connecting = await Task.Run(() => Asyncio.RunCoroutineThreadsafe(OpenAsync(server), Loop));
        await using var stream = connecting;
        Assert.Same(Loop, stream.Loop);
    });

    [Fact]
    public void It_is_a_stream_without_places_that_never_blocks() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync);
        await using var stream = await OpenAsync(server);
        Assert.False(stream.CanSeek);
        Assert.Throws<NotSupportedException>(() => stream.Length);
        Assert.Throws<NotSupportedException>(() => stream.Position = 0);
        Assert.Throws<NotSupportedException>(() => stream.Seek(0, SeekOrigin.Begin));
        Assert.Throws<NotSupportedException>(() => stream.SetLength(0));
        Assert.Contains("use ReadAsync", Assert.Throws<NotSupportedException>(() => stream.Read(new byte[1], 0, 1)).Message);
        Assert.Contains("use ReadAsync", Assert.Throws<NotSupportedException>(() => stream.ReadByte()).Message);
        Assert.Contains("use WriteAsync", Assert.Throws<NotSupportedException>(() => stream.Write(new byte[1])).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = stream.ReadAsync(new byte[1], 0, 2, TestContext.Current.CancellationToken); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = stream.WriteAsync(new byte[1], 2, 0, TestContext.Current.CancellationToken); });
    });
}

/// <summary>On the loops for Linux other threads receive by themselves.</summary>
public abstract class LinuxTransportStreamTests(EventLoop loop, Func<EventLoop> factory) : TransportStreamTests(loop, factory)
{
    [Fact]
    public void What_has_arrived_is_read_on_another_thread_that_has_read_before_without_the_loop() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync);
        await using var stream = await TransportStream.ConnectAsync("127.0.0.1", Port(server));
        var buffer = new byte[10];
        for (var i = 0; i < 3; i++)
        {
            await stream.WriteAsync("a"u8.ToArray());
            Assert.Equal(1, await Task.Run(() => stream.ReadAsync(buffer).AsTask()));
            await stream.WriteAsync("bcd"u8.ToArray());
            Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty)); // it has arrived
            var reading = Task.Run(() => stream.ReadAsync(buffer).AsTask());
            Assert.True(reading.Wait(TimeSpan.FromSeconds(30))); // the loop stands still
            Assert.Equal(3, await reading);
        }
    });
}

public sealed class EpollTransportStreamTests() : LinuxTransportStreamTests(new EpollEventLoop(), static () => new EpollEventLoop())
{
    [Fact]
    public void What_has_arrived_is_read_on_another_thread_without_the_loop() => Run(async () =>
    {
        await using var server = await ServeAsync(static async (_, writer) =>
        {
            await using (writer)
                writer.Write("abc"u8);
        });
        await using var stream = await TransportStream.ConnectAsync("127.0.0.1", Port(server));
        var buffer = new byte[10];
        Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty)); // it has arrived
        var reading = Task.Run(() => stream.ReadAsync(buffer).AsTask());
        Assert.True(reading.Wait(TimeSpan.FromSeconds(30))); // the loop stands still
        Assert.Equal(3, await reading);
    });
}

public sealed class IoUringTransportStreamTests() : LinuxTransportStreamTests(IoUring.NewLoop(), IoUring.NewLoop);

public sealed class PortableTransportStreamTests() : TransportStreamTests(new PortableEventLoop(), static () => new PortableEventLoop());
