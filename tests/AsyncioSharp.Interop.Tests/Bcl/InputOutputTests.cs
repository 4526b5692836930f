using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.IO.Pipes;
using System.Text;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Interop;

/// <summary>System.IO: pipelines, files, processes and their pipes.</summary>
public abstract class InputOutputTests(EventLoop loop) : InteropTests(loop)
{
    [Fact]
    public void Pipelines_are_at_home() => Run(async () =>
    {
        var empty = new Pipe();
        await AssertAtHomeAsync(ReadWhatIsWrittenAsync, token => empty.Reader.ReadAsync(token).AsTask(), asFuture: false);
        var full = new Pipe(new System.IO.Pipelines.PipeOptions(pauseWriterThreshold: 10, resumeWriterThreshold: 5));
        await Canceling.AssertAnswerArrivesAsync(Loop, token => full.Writer.WriteAsync(new byte[10], token).AsTask(), null);

        static async Task ReadWhatIsWrittenAsync(CancellationToken token)
        {
            var pipe = new Pipe();
            ThreadPool.QueueUserWorkItem(static writer => writer.WriteAsync("hello"u8.ToArray()), pipe.Writer, preferLocal: false);
            var result = await pipe.Reader.ReadAsync(token);
            Assert.Equal("hello", Encoding.UTF8.GetString(result.Buffer.ToArray()));
        }
    });

    [Fact]
    public void Files_are_at_home() => Run(async () =>
    {
        var (path, data) = (Path.GetTempFileName(), new byte[300_000]);
        new Random(1).NextBytes(data);
        try
        {
            await AssertAtHomeAsync(token => File.WriteAllBytesAsync(path, data, token));
            await AssertAtHomeAsync(async token => Assert.Equal(data, await File.ReadAllBytesAsync(path, token)));
            await AssertAtHomeAsync(async token => Assert.NotEmpty(await File.ReadAllTextAsync(path, Encoding.Latin1, token)));
            await AssertAtHomeAsync(async token =>
            {
                await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 4096, useAsync: true);
                using var copy = new MemoryStream();
                await file.CopyToAsync(copy, token);
                Assert.Equal(data, copy.ToArray());
            });
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.Asynchronous);
            await AssertAtHomeAsync(async token =>
            {
                var piece = new byte[1000];
                Assert.Equal(1000, await RandomAccess.ReadAsync(handle, piece, 5000, token));
                Assert.True(data.AsSpan(5000, 1000).SequenceEqual(piece));
            });
        }
        finally
        {
            File.Delete(path);
        }
    });

    // A read from a pipe really waits, which a read from a file does not for long.
    [Fact]
    public void Streams_of_pipes_are_at_home() => Run(async () =>
    {
        await using var server = new AnonymousPipeServerStream(PipeDirection.Out);
        await using var client = new AnonymousPipeClientStream(PipeDirection.In, server.ClientSafePipeHandle);
        await AssertAtHomeAsync(async token =>
        {
            ThreadPool.QueueUserWorkItem(static server => server.WriteByte(1), server, preferLocal: false);
            Assert.Equal(1, await client.ReadAsync(new byte[1], token));
        });
    });

    [Fact]
    public void Processes_are_at_home() => Run(async () =>
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Runs sh.");
        await AssertAtHomeAsync(
            async token =>
            {
                using var process = Process.Start(new ProcessStartInfo("sh", ["-c", "echo hello"]) { RedirectStandardOutput = true })!;
                Assert.Equal("hello\n", await process.StandardOutput.ReadToEndAsync(token));
                await process.WaitForExitAsync(token);
                Assert.Equal(0, process.ExitCode);
            },
            async token =>
            {
                using var process = Process.Start("sleep", ["100"]);
                try
                {
                    await process.WaitForExitAsync(token);
                }
                finally
                {
                    process.Kill();
                }
            });
    });
}

public sealed class EpollInputOutputTests() : InputOutputTests(new EpollEventLoop());

public sealed class IoUringInputOutputTests() : InputOutputTests(IoUring.NewLoop());

public sealed class PortableInputOutputTests() : InputOutputTests(new PortableEventLoop());
