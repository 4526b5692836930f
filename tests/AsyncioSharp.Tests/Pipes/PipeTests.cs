using System.IO.Pipes;
using System.Text;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Transports;
using Microsoft.Win32.SafeHandles;

namespace AsyncioSharp.Tests.Pipes;

/// <summary>Transports over the ends of pipes.</summary>
public abstract partial class PipeTests(EventLoop loop) : OnNetwork(loop)
{
    // A pipe, of which the loop gets the reading end.
    private protected async Coroutine<(Transport Transport, Recorder Protocol, AnonymousPipeServerStream Peer)> ReadAsync(Recorder? recorder = null)
    {
        var peer = new AnonymousPipeServerStream(PipeDirection.Out);
        var (transport, protocol) = await Loop.ConnectReadPipeAsync(
            () => recorder ?? new Recorder(), new SafePipeHandle(Take(peer), ownsHandle: true));
        return (transport, protocol, peer);
    }

    // A pipe, of which the loop gets the writing end.
    private protected async Coroutine<(Transport Transport, Recorder Protocol, AnonymousPipeServerStream Peer)> WriteAsync(Recorder? recorder = null)
    {
        var peer = new AnonymousPipeServerStream(PipeDirection.In);
        var (transport, protocol) = await Loop.ConnectWritePipeAsync(
            () => recorder ?? new Recorder(), new SafePipeHandle(Take(peer), ownsHandle: true));
        return (transport, protocol, peer);
    }

    // The other end's descriptor, which the stream does not close any more.
    private static nint Take(AnonymousPipeServerStream peer)
    {
        var handle = peer.ClientSafePipeHandle;
        var number = handle.DangerousGetHandle();
        handle.SetHandleAsInvalid();
        return number;
    }

    // On another thread, as the portable loop has to go on to write more.
    private static Coroutine<byte[]> ReadExactlyAsync(Stream stream, int count) => Asyncio.ToThread(() =>
    {
        var data = new byte[count];
        stream.ReadExactly(data);
        return data;
    });

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_read_pipe")]
    [CPythonTest("test_unix_events.py", "UnixReadPipeTransportTests", "test_ctor")]
    [CPythonTest("test_unix_events.py", "UnixReadPipeTransportTests", "test__read_ready")]
    [CPythonTest("test_unix_events.py", "UnixReadPipeTransportTests", "test__read_ready_eof")]
    [CPythonTest("test_unix_events.py", "UnixReadPipeTransportTests", "test__call_connection_lost")]
    public void What_is_written_to_a_pipe_is_read_up_to_the_end() => Run(async () =>
    {
        var (transport, protocol, peer) = await ReadAsync(new Recorder { KeepOpen = true }); // which is of no use: there is no other side
        Assert.Equal("made", protocol.Events);
        Assert.Same(transport, protocol.Transport);
        Assert.NotNull(transport.Pipe);
        Assert.True(transport.IsReading);

        peer.Write("1"u8);
        await Until(() => protocol.DataCount == 1);
        peer.Write("2345"u8);
        await Until(() => protocol.DataCount == 5);
        Assert.Equal("12345"u8.ToArray(), protocol.Data);
        peer.Dispose();
        await Until(() => protocol.IsLost);
        Assert.Equal("made data eof lost", protocol.Events);
        Assert.Null(protocol.Reason);
        Assert.True(transport.Pipe!.IsClosed);
    });

    [Fact]
    public void Much_data_arrives_whole() => Run(async () =>
    {
        var (reading, readProtocol, peer) = await ReadAsync();
        peer.Dispose();
        await Until(() => readProtocol.IsLost);

        using var near = new AnonymousPipeServerStream(PipeDirection.Out);
        var (reader, received) = await Loop.ConnectReadPipeAsync(() => new Recorder(), new SafePipeHandle(Take(near), ownsHandle: true));
        var (writer, sent) = await Loop.ConnectWritePipeAsync(() => new Recorder(), near);
        var data = new byte[3_000_000];
        Random.Shared.NextBytes(data);
        writer.Write(data);
        writer.Close();
        await Until(() => received.IsLost);
        Assert.True(data.AsSpan().SequenceEqual(received.Data));
        Assert.Equal("made pause resume lost", sent.Events);
    });

    [Fact]
    [CPythonTest("test_unix_events.py", "UnixReadPipeTransportTests", "test_pause_reading")]
    [CPythonTest("test_unix_events.py", "UnixReadPipeTransportTests", "test_resume_reading")]
    [CPythonTest("test_unix_events.py", "UnixReadPipeTransportTests", "test_pause_reading_on_paused_pipe")]
    [CPythonTest("test_unix_events.py", "UnixReadPipeTransportTests", "test_resume_reading_on_paused_pipe")]
    [CPythonTest("test_unix_events.py", "UnixReadPipeTransportTests", "test_pause_reading_on_closed_pipe")]
    [CPythonTest("test_unix_events.py", "UnixReadPipeTransportTests", "test_resume_reading_on_closed_pipe")]
    public void Reading_can_be_paused() => Run(async () =>
    {
        var (transport, protocol, peer) = await ReadAsync();
        transport.PauseReading();
        transport.PauseReading();
        Assert.False(transport.IsReading);
        peer.Write("data"u8);
        await Asyncio.Sleep(0.02); // real time: nothing may come
        Assert.Equal("made", protocol.Events);
        transport.ResumeReading();
        transport.ResumeReading();
        await Until(() => protocol.DataCount == 4);

        transport.Close();
        transport.PauseReading();
        transport.ResumeReading();
        Assert.False(transport.IsReading);
        await Until(() => protocol.IsLost);
        peer.Dispose();
    });

    [Fact]
    [CPythonTest("test_unix_events.py", "UnixReadPipeTransportTests", "test_close")]
    [CPythonTest("test_unix_events.py", "UnixReadPipeTransportTests", "test_close_already_closing")]
    [CPythonTest("test_unix_events.py", "UnixReadPipeTransportTests", "test__close")]
    public void A_closed_pipe_is_not_read_any_more() => Run(async () =>
    {
        var (transport, protocol, peer) = await ReadAsync();
        transport.Close();
        transport.Close();
        Assert.True(transport.IsClosing);
        Assert.Equal("made", protocol.Events);
        await Until(() => protocol.IsLost);
        Assert.Null(protocol.Reason);
        if (Loop is LinuxEventLoop)
            Assert.Throws<IOException>(() => peer.Write("nobody reads"u8));
        peer.Dispose();
    });

    [Fact]
    public void A_reading_end_cannot_be_written() => Run(async () =>
    {
        var (transport, protocol, peer) = await ReadAsync();
        Assert.False(transport.CanWriteEof);
        Assert.Throws<NotSupportedException>(() => transport.Write("data"u8));
        Assert.Throws<NotSupportedException>(transport.WriteEof);
        Assert.Null(transport.Socket);
        Assert.Null(transport.LocalEndPoint);
        transport.Abort();
        await Until(() => protocol.IsLost);
        peer.Dispose();
    });

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_write_pipe")]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test_ctor")]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test_write")]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test_write_no_data")]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test_close")]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test_close_closing")]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test__call_connection_lost")]
    public void What_is_written_arrives_and_then_the_end() => Run(async () =>
    {
        var (transport, protocol, peer) = await WriteAsync();
        Assert.False(transport.IsReading);
        transport.Write(default);
        transport.Write("1"u8);
        Assert.Equal("1"u8.ToArray(), await ReadExactlyAsync(peer, 1));
        transport.Write("2345"u8);
        transport.WriteLines(["67"u8.ToArray(), "89"u8.ToArray()]);
        Assert.Equal("23456789"u8.ToArray(), await ReadExactlyAsync(peer, 8));

        await Until(() => transport.WriteBufferSize == 0);
        transport.Close();
        transport.Close();
        transport.Write("too late"u8);
        await Until(() => protocol.IsLost);
        Assert.Null(protocol.Reason);
        Assert.Equal(-1, peer.ReadByte());
        Assert.Equal("made lost", protocol.Events);
        peer.Dispose();
    });

    [Fact]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test_can_write_eof")]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test_write_eof")]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test_write_eof_pending")]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test_write_partial")]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test_write_buffer")]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test_write_again")]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test__write_ready")]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test__write_ready_partial")]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test__write_ready_again")]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test__write_ready_empty")]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test__write_ready_closing")]
    public void The_end_comes_after_everything_that_was_written() => Run(async () =>
    {
        var (transport, protocol, peer) = await WriteAsync();
        Assert.True(transport.CanWriteEof);
        var data = new byte[1_000_000];
        Random.Shared.NextBytes(data);
        transport.Write(data);
        transport.Write("rest"u8);
        Assert.Equal("made pause", protocol.Events);
        transport.WriteEof();
        Assert.True(transport.IsClosing);
        Assert.False(protocol.IsLost);
        var received = await ReadExactlyAsync(peer, data.Length + 4);
        Assert.True(data.AsSpan().SequenceEqual(received.AsSpan(0, data.Length)));
        Assert.Equal("rest"u8.ToArray(), received[^4..]);
        await Until(() => protocol.IsLost);
        Assert.Equal(-1, peer.ReadByte());
        Assert.Equal("made pause resume lost", protocol.Events);
        peer.Dispose();
    });

    [Fact]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test_abort")]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test_write_close")]
    public void Aborting_drops_what_was_not_sent() => Run(async () =>
    {
        var (transport, protocol, peer) = await WriteAsync();
        transport.Write(new byte[1_000_000]);
        transport.Abort();
        Assert.Equal(0, transport.WriteBufferSize);
        transport.Write("dropped"u8);
        await Until(() => protocol.IsLost);
        Assert.Null(protocol.Reason);
        peer.Dispose();
    });

    [Fact]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test_write_err")]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test__write_ready_err")]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test__call_connection_lost_with_err")]
    public void A_pipe_that_breaks_with_data_in_it_is_an_error() => Run(async () =>
    {
        var (transport, protocol, peer) = await WriteAsync();
        transport.Write(new byte[1_000_000]);
        peer.Dispose();
        await Until(() => protocol.IsLost);
        Assert.Contains("Broken pipe", Assert.IsType<IOException>(protocol.Reason, exactMatch: false).Message);
        Assert.Equal(0, transport.WriteBufferSize);
    });

    [Fact]
    public void Streams_can_be_made_of_pipes() => Run(async () =>
    {
        using var near = new AnonymousPipeServerStream(PipeDirection.Out);
        var reader = new AsyncStreamReader();
        await Loop.ConnectReadPipeAsync(() => new StreamReaderProtocol(reader), new SafePipeHandle(Take(near), ownsHandle: true));
        near.Write("one\ntwo\n"u8);
        Assert.Equal("one\n", Encoding.ASCII.GetString(await reader.ReadLineAsync()));
        Assert.Equal("two\n", Encoding.ASCII.GetString(await reader.ReadLineAsync()));
        near.Dispose();
        Assert.Empty(await reader.ReadAsync());
    });

    [Fact]
    public void What_is_no_pipe_is_refused_and_left_open() => Run(async () =>
    {
        using var file = File.OpenRead(typeof(PipeTests).Assembly.Location);
        await Expect.ThrowsAsync<ArgumentException>(Loop.ConnectReadPipeAsync(() => new Recorder(), file));
        Assert.True(file.ReadByte() >= 0);
        Assert.Throws<ArgumentException>(() => Loop.ConnectWritePipeAsync(() => new Recorder(), new MemoryStream()));
        Assert.Throws<ArgumentNullException>(() => Loop.ConnectReadPipeAsync<Recorder>(null!, file));
        Assert.Throws<ArgumentNullException>(() => Loop.ConnectReadPipeAsync(() => new Recorder(), (Stream)null!));
        using var virtualLoop = LoopTest.NewLoop();
        Assert.Throws<NotSupportedException>(() => virtualLoop.ConnectReadPipeAsync(() => new Recorder(), file));
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Loop.ConnectReadPipeAsync(() => new Recorder(), file.SafeFileHandle));
    });

    [Fact]
    public void A_protocol_that_fails_at_once_has_the_pipe_closed() => Run(async () =>
    {
        var peer = new AnonymousPipeServerStream(PipeDirection.In);
        var handle = new SafePipeHandle(Take(peer), ownsHandle: true);
        await Expect.ThrowsAsync<DivideByZeroException>(Loop.ConnectWritePipeAsync(() => new Recorder { FailsAt = "made" }, handle));
        await Until(() => handle.IsClosed);
        Assert.Equal(-1, peer.ReadByte());
        peer.Dispose();
    });

    [Fact]
    public void Pipes_that_are_left_open_are_closed_with_the_loop()
    {
        AnonymousPipeServerStream peer = null!;
        Recorder protocol = null!;
        Run(async () => (_, protocol, peer) = await WriteAsync());
        Loop.Close();
        Assert.Equal(-1, peer.ReadByte());
        Assert.Equal("made", protocol.Events);
        peer.Dispose();
    }
}

public sealed class PortablePipeTests() : PipeTests(new PortableEventLoop());
