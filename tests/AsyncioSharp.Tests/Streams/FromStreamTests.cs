using System.IO.Compression;
using System.IO.Pipelines;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Streams;

/// <summary>Streams and pipes of .NET as connections.</summary>
public sealed class FromStreamTests
{
    [Fact]
    public void Reads_a_stream_to_its_end()
    {
        LoopTest.Run(async () =>
        {
            var stream = new MemoryStream("one\ntwo\nthree"u8.ToArray(), writable: false);
            var (reader, writer) = Asyncio.FromStream(stream);
            var lines = new List<string>();
            await using (writer)
            {
                await foreach (var line in reader)
                    lines.Add(System.Text.Encoding.UTF8.GetString(line).Trim());
                Assert.Throws<NotSupportedException>(() => writer.Write("x"u8));
            }
            Assert.Equal(["one", "two", "three"], lines);
            Assert.False(stream.CanRead); // it was the connection's, and is closed
        });
    }

    [Fact]
    public void What_is_written_is_flushed_before_the_stream_is_closed()
    {
        LoopTest.Run(async () =>
        {
            var target = new MemoryStream();
            var data = new byte[300_000];
            Random.Shared.NextBytes(data);
            var (reader, writer) = Asyncio.FromStream(new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true));
            Assert.Empty(await reader.ReadAsync()); // it can only be written to
            for (var i = 0; i < 30; i++)
            {
                writer.Write(data.AsSpan(i * 10_000, 10_000));
                await writer.DrainAsync();
            }
            await writer.DisposeAsync();

            target.Position = 0;
            var unpacked = new MemoryStream();
            await new GZipStream(target, CompressionMode.Decompress).CopyToAsync(unpacked);
            Assert.Equal(data, unpacked.ToArray());
        });
    }

    [Fact]
    public void Left_open_the_stream_can_be_used_afterwards()
    {
        LoopTest.Run(async () =>
        {
            var stream = new MemoryStream();
            var (_, writer) = Asyncio.FromStream(stream, leaveOpen: true);
            writer.Write("abc"u8);
            await writer.DisposeAsync();
            Assert.Equal("abc"u8.ToArray(), stream.ToArray());
            Assert.True(stream.CanWrite);
        });
    }

    [Fact]
    public void Two_pipes_make_a_connection_that_can_end_one_side()
    {
        LoopTest.Run(async () =>
        {
            var (there, back) = (new Pipe(), new Pipe());
            var (reader, writer) = Asyncio.FromPipe(new Duplex(back.Reader, there.Writer));
            var (otherReader, otherWriter) = Asyncio.FromPipe(new Duplex(there.Reader, back.Writer));

            writer.Write("question"u8);
            writer.WriteEof();
            Assert.Equal("question"u8.ToArray(), await otherReader.ReadAsync());
            otherWriter.Write("answer"u8);
            await otherWriter.DisposeAsync();
            Assert.Equal("answer"u8.ToArray(), await reader.ReadAsync());
            await writer.DisposeAsync();
        });
    }

    [Fact]
    public void A_writer_that_is_faster_than_the_stream_is_held_up()
    {
        LoopTest.Run(async () =>
        {
            var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1000, resumeWriterThreshold: 500));
            var (_, writer) = Asyncio.FromStream(pipe.Writer.AsStream());
            writer.Write(new byte[200_000]);
            var drain = Asyncio.CreateTask(writer.DrainAsync());
            await Asyncio.Sleep(1);
            Assert.False(drain.IsCompleted);

            var read = 0;
            var (reader, other) = Asyncio.FromStream(pipe.Reader.AsStream());
            while (read < 200_000)
                read += (await reader.ReadAsync(50_000)).Length;
            await drain;
            await writer.DisposeAsync();
            await other.DisposeAsync();
            Assert.Equal(200_000, read);
        });
    }

    [Fact]
    public void Failures_reach_whoever_reads_and_writes()
    {
        LoopTest.Run(async () =>
        {
            var (reader, writer) = Asyncio.FromStream(new FailingStream());
            await Assert.ThrowsAsync<FormatException>(() => Asyncio.CreateTask(reader.ReadAsync()).AsTask());
            await writer.DisposeAsync();

            var (_, failing) = Asyncio.FromStream(new FailingStream { Reads = false });
            failing.Write("x"u8);
            await Assert.ThrowsAsync<FormatException>(() => Asyncio.CreateTask(failing.WaitClosedAsync()).AsTask());
        });
    }

    [Fact]
    public void A_stream_that_ends_asynchronously_is_waited_for()
    {
        LoopTest.Run(async () =>
        {
            var target = new AsynchronousStream();
            var (_, writer) = Asyncio.FromStream(new GZipStream(target, CompressionLevel.Fastest));
            writer.Write("abc"u8);
            await writer.DisposeAsync();

            Assert.True(target.IsDisposed);
            await using var unpacked = new GZipStream(new MemoryStream(target.ToArray()), CompressionMode.Decompress);
            Assert.Equal("abc"u8.ToArray(), await ReadAllAsync(unpacked));
        });
    }

    [Fact]
    public void The_end_of_one_side_may_take_its_time()
    {
        LoopTest.Run(async () =>
        {
            var target = new AsynchronousStream();
            var pipe = new Pipe();
            var (_, writer) = Asyncio.FromPipe(new Duplex(pipe.Reader, PipeWriter.Create(new GZipStream(target, CompressionLevel.Fastest))));
            writer.Write("abc"u8);
            writer.WriteEof();
            await writer.DisposeAsync(); // at once

            Assert.True(target.IsDisposed);
            Assert.True((await pipe.Writer.FlushAsync()).IsCompleted); // nobody reads any more
            await using var unpacked = new GZipStream(new MemoryStream(target.ToArray()), CompressionMode.Decompress);
            Assert.Equal("abc"u8.ToArray(), await ReadAllAsync(unpacked));
        });
    }

    [Fact]
    public void A_stream_that_cannot_end_is_a_connection_that_was_lost()
    {
        LoopTest.Run(async () =>
        {
            var (_, writer) = Asyncio.FromStream(new AsynchronousStream { Ending = Task.FromException(new FormatException()) });
            writer.Close();
            await Assert.ThrowsAsync<FormatException>(() => Asyncio.CreateTask(writer.WaitClosedAsync()).AsTask());
        });
    }

    [Fact]
    public void An_aborted_connection_does_not_wait_for_the_end_of_its_stream()
    {
        var end = new TaskCompletionSource();
        var reports = LoopTest.Reports(async () =>
        {
            var (_, writer) = Asyncio.FromStream(new AsynchronousStream { Ending = end.Task });
            await Asyncio.Yield();
            writer.Transport.Abort();
            await writer.WaitClosedAsync();

            end.SetException(new FormatException());
            await Asyncio.Sleep(1);
        });
        Assert.IsType<FormatException>(Assert.Single(reports).Exception);
    }

    [Fact]
    public void Aborted_while_its_stream_ends_it_is_closed_once()
    {
        LoopTest.Run(async () =>
        {
            var stream = new AsynchronousStream { Ending = new TaskCompletionSource().Task };
            var (_, writer) = Asyncio.FromStream(stream);
            writer.Close();
            await Asyncio.Sleep(1);
            Assert.True(await Asyncio.MoveOnAfter(1, async _ => await writer.WaitClosedAsync())); // it still ends
            writer.Transport.Abort();
            await writer.WaitClosedAsync();
            Assert.Equal(1, stream.Disposals);
        });
    }

    [Fact]
    public void A_side_that_is_ended_as_writing_goes_on_is_ended_once()
    {
        LoopTest.Run(async () =>
        {
            var stream = new AsynchronousStream();
            var (_, writer) = Asyncio.FromPipe(new Duplex(new Pipe().Reader, new WriterOf(stream)));
            var transport = writer.Transport;
            transport.SetProtocol(new Recorder { Then = happened => { if (happened == "resume") transport.WriteEof(); } });
            transport.SetWriteBufferLimits(high: 1);
            transport.Write("data"u8);
            await Eventually.UntilOnLoop(() => stream.IsDisposed);
            await Expect.Turns(3);
            Assert.Equal(1, stream.Disposals);
            Assert.Equal("data"u8.ToArray(), stream.ToArray());
            transport.Abort();
        });
    }

    [Fact]
    public void A_read_that_is_cancelled_loses_no_data()
    {
        LoopTest.Run(async () =>
        {
            var pipe = new Pipe();
            var (reader, writer) = Asyncio.FromStream(pipe.Reader.AsStream());
            Assert.True((await Asyncio.MoveOnAfter(1, async _ => await reader.ReadExactlyAsync(4))).IsCanceled);
            await pipe.Writer.WriteAsync("abcd"u8.ToArray());
            Assert.Equal("abcd"u8.ToArray(), await reader.ReadExactlyAsync(4));
            await writer.DisposeAsync(); // with a read under way
        });
    }

    [Fact]
    public void A_loop_that_closes_closes_the_stream_and_reports_it()
    {
        var stream = new MemoryStream();
        var reports = LoopTest.Reports(async () =>
        {
            Asyncio.FromStream(stream);
            await Asyncio.Sleep(1);
        }, debug: true);
        Assert.Equal(ReportKind.NeverClosed, Assert.Single(reports).Kind);
        Assert.False(stream.CanRead);
    }

    [Fact]
    public void The_streams_code_sees_the_values_of_whoever_wrapped_it()
    {
        LoopTest.Run(async () =>
        {
            var local = new AsyncLocal<string> { Value = "wrapped" };
            var stream = new RecordingStream(local);
            var (reader, writer) = Asyncio.FromStream(stream);
            local.Value = "reading";
            Assert.Equal(3, (await reader.ReadAsync()).Length);
            await writer.DisposeAsync();
            Assert.Equal(["wrapped", "wrapped", "wrapped", "wrapped"], stream.Seen);
        });
    }

    [Fact]
    public void Without_a_loop_it_is_an_error()
    {
        Assert.Throws<InvalidOperationException>(() => Asyncio.FromStream(new MemoryStream()));
    }

    private static async Coroutine<byte[]> ReadAllAsync(Stream stream)
    {
        var all = new MemoryStream();
        await stream.CopyToAsync(all);
        return all.ToArray();
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>A pipe's end that is nothing but a stream.</summary>
    private sealed class WriterOf(Stream stream) : PipeWriter
    {
        public override Stream AsStream(bool leaveOpen = false) => stream;

        public override void Advance(int bytes) => throw new NotSupportedException();

        public override void CancelPendingFlush() => throw new NotSupportedException();

        public override void Complete(Exception? exception = null) => throw new NotSupportedException();

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public override Memory<byte> GetMemory(int sizeHint = 0) => throw new NotSupportedException();

        public override Span<byte> GetSpan(int sizeHint = 0) => throw new NotSupportedException();
    }

    private sealed class RecordingStream(AsyncLocal<string> local) : MemoryStream
    {
        public List<string?> Seen { get; } = [];

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Seen.Add(local.Value);
            await Task.Yield();
            buffer.Span[0] = 1;
            return Seen.Count <= 3 ? 1 : 0;
        }
    }

    /// <summary>It refuses what blocks a thread, as the body of a web server's answer does.</summary>
    private sealed class AsynchronousStream : Stream
    {
        private readonly MemoryStream _written = new();

        public Task Ending { get; init; } = Task.CompletedTask;

        public bool IsDisposed { get; private set; }

        public int Disposals { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw Refused();

        public override long Position
        {
            get => throw Refused();
            set => throw Refused();
        }

        public byte[] ToArray() => _written.ToArray();

        public override int Read(byte[] buffer, int offset, int count) => throw Refused();

        public override long Seek(long offset, SeekOrigin origin) => throw Refused();

        public override void SetLength(long value) => throw Refused();

        public override void Write(byte[] buffer, int offset, int count) => throw Refused();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            _written.Write(buffer.Span);
        }

        public override void Flush() => throw Refused();

        public override async Task FlushAsync(CancellationToken cancellationToken) => await Task.Yield();

        public override async ValueTask DisposeAsync()
        {
            Disposals++;
            await Task.Yield();
            await Ending;
            IsDisposed = true;
        }

        protected override void Dispose(bool disposing) => throw Refused();

        private static NotSupportedException Refused() => new("Synchronous operations are disallowed.");
    }

    private sealed class FailingStream : SequentialStream
    {
        public bool Reads { get; init; } = true;

        public override bool CanRead => Reads;

        public override int Read(byte[] buffer, int offset, int count) => throw new FormatException();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new FormatException();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new FormatException();

        public override void Write(byte[] buffer, int offset, int count) => throw new FormatException();
    }
}
