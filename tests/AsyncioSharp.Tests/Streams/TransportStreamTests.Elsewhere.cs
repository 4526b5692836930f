using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Streams;

// On threads of the pool, where data is received without the loop if that is possible.
public abstract partial class TransportStreamTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_of_many_answers_is_heard_on_another_thread(bool mixed) => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync);
        await using var stream = await OpenAsync(server);
        using var never = new CancellationTokenSource();
        await Task.Run(async () =>
        {
            var (question, answer) = (new byte[8], new byte[8]);
            for (var i = 0L; i < 5000; i++)
            {
                BitConverter.TryWriteBytes(question, i);
                await stream.WriteAsync(question);
                if (mixed && i % 3 == 0)
                    Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty));
                if (mixed && i % 5 == 0)
                {
                    Assert.Equal(3, await stream.ReadAtLeastAsync(answer.AsMemory(0, 3), 3)); // and leaves the rest
                }
                else
                {
                    var token = mixed && i % 2 == 0 ? never.Token : default;
                    Assert.Equal(3, await stream.ReadAtLeastAsync(answer.AsMemory(0, 3), 3, cancellationToken: token));
                }
                await stream.ReadExactlyAsync(answer.AsMemory(3));
                Assert.Equal(question, answer);
            }
        });
    });

    [Fact]
    public void The_loops_thread_and_another_read_in_turns() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync);
        await using var stream = await OpenAsync(server);
        var buffer = new byte[10];
        for (var i = 0; i < 300; i++)
        {
            await stream.WriteAsync("abcdef"u8.ToArray());
            await Read();
            await Task.Run(Read);
            await Task.Run(Read);
            await Read();
            await stream.ReadExactlyAsync(buffer.AsMemory(0, 2));
        }

        async Task Read() => await stream.ReadExactlyAsync(buffer.AsMemory(0, 1)).ConfigureAwait(false);
    });

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_read_of_no_bytes_waits_also_where_another_thread_has_read_what_there_was(bool onLoop, bool heldBefore) => Run(async () =>
    {
        using var listener = Listen(out var port);
        await using var stream = await TransportStream.ConnectAsync("127.0.0.1", port);
        using var peer = await listener.AcceptAsync();
        if (!heldBefore)
        {
            peer.Send("a"u8);
            Assert.Equal(1, await ReadElsewhere(stream)); // from here on others read
        }
        for (var i = 0; i < 3; i++)
        {
            peer.Send("bc"u8);
            await Expect.Turns(5); // the loop has noticed it, and nobody reads
            Assert.Equal(2, await ReadElsewhere(stream));

            var read = onLoop
                ? stream.ReadAsync(Memory<byte>.Empty).AsTask()
                : (await Task.Run(() => new[] { stream.ReadAsync(Memory<byte>.Empty).AsTask() }))[0];
            await Expect.Turns(10);
            Assert.False(read.IsCompleted);

            peer.Send("d"u8);
            Assert.Equal(0, await read);
            Assert.Equal(1, await ReadElsewhere(stream));
        }
        peer.Send("e"u8);
        await Expect.Turns(5);
        Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty)); // and does not wait where there is something
        Assert.Equal(1, await stream.ReadAsync(new byte[10]));
        peer.Shutdown(SocketShutdown.Send);
        await Expect.Turns(5);
        Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty));
        Assert.Equal(0, await ReadElsewhere(stream));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_loss_that_a_read_of_no_bytes_has_found_is_told_to_the_next(bool onLoop) => Run(async () =>
    {
        using var listener = Listen(out var port);
        await using var stream = await TransportStream.ConnectAsync("127.0.0.1", port);
        var peer = await listener.AcceptAsync();
        peer.Send("a"u8);
        Assert.Equal(1, await ReadElsewhere(stream)); // from here on others read
        Reset(peer);
        await Expect.Turns(5); // the loop has noticed that there is something

        try
        {
            Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty));
        }
        catch (IOException)
        {
            // told already, which is as good
        }
        await Assert.ThrowsAsync<IOException>(async () => _ = onLoop ? await stream.ReadAsync(new byte[10]) : await ReadElsewhere(stream));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Another_thread_is_told_the_end_and_the_loss(bool waits) => Run(async () =>
    {
        using var listener = Listen(out var port);
        await using (var stream = await TransportStream.ConnectAsync("127.0.0.1", port))
        {
            using var peer = await listener.AcceptAsync();
            peer.Send("bye"u8);
            Assert.Equal(3, await ReadElsewhere(stream));
            var read = waits ? ReadElsewhere(stream) : null;
            await Expect.Turns(5);
            peer.Shutdown(SocketShutdown.Send);
            await Expect.Turns(5);
            Assert.Equal(0, await (read ?? ReadElsewhere(stream)));
            Assert.Equal(0, await ReadElsewhere(stream));
        }
        await using (var stream = await TransportStream.ConnectAsync("127.0.0.1", port))
        {
            var peer = await listener.AcceptAsync();
            peer.Send("x"u8);
            Assert.Equal(1, await ReadElsewhere(stream));
            var read = waits ? ReadElsewhere(stream) : null;
            await Expect.Turns(5);
            Reset(peer);
            await Expect.Turns(5);
            var failure = await Assert.ThrowsAsync<IOException>(() => read ?? ReadElsewhere(stream));
            Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(failure.InnerException).SocketErrorCode);
            await Assert.ThrowsAsync<IOException>(() => ReadElsewhere(stream));
        }
    });

    [Fact]
    public void Disposing_ends_what_waits_on_another_thread() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync);
        var stream = await OpenAsync(server);
        var read = ReadElsewhere(stream);
        await Expect.Turns(5);
        stream.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => read);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ReadElsewhere(stream));
    });

    [Fact]
    public async Task A_loop_may_close_while_another_thread_reads()
    {
        using var listener = Listen(out var port);
        for (var i = 0; i < 20; i++)
        {
            Task<Exception> reading = null!;
            Task sending = null!;
            Asyncio.Run(async () =>
            {
                var stream = await TransportStream.ConnectAsync("127.0.0.1", port);
                var peer = await listener.AcceptAsync();
                var read = new TaskCompletionSource();
                sending = Task.Run(() =>
                {
                    using (peer)
                        SendUntilLost(peer);
                });
                reading = Task.Run(async () =>
                {
                    var buffer = new byte[100];
                    return await Record.ExceptionAsync(async () =>
                    {
                        while (await stream.ReadAsync(buffer) > 0)
                            read.TrySetResult();
                    }) ?? new EndOfStreamException();
                });
                await read.Task; // and ends in the midst of it
            }, new RunnerOptions { LoopFactory = factory });
            Assert.IsType<ObjectDisposedException>(await reading);
            await sending;
        }

        static void SendUntilLost(Socket peer)
        {
            try
            {
                while (peer.Send(new byte[1000]) > 0)
                    Thread.Yield();
            }
            catch (SocketException)
            {
                // it was lost
            }
        }
    }

    private static Task<int> ReadElsewhere(TransportStream stream) => Task.Run(() => stream.ReadAsync(new byte[10]).AsTask());

    private static Socket Listen(out int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        return listener;
    }
}
