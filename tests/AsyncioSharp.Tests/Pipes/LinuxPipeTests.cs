using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Transports;
using Microsoft.Win32.SafeHandles;

namespace AsyncioSharp.Tests.Pipes;

/// <summary>What pipes can do where the kernel tells of them: terminals, and a reader that goes.</summary>
public abstract class LinuxPipeTests(EventLoop loop) : PipeTests(loop)
{
    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_write_pipe_disconnect_on_close")]
    [CPythonTest("test_unix_events.py", "UnixWritePipeTransportTests", "test__read_ready")]
    public void A_writer_notices_that_the_reader_has_gone() => Run(async () =>
    {
        var (transport, protocol, peer) = await WriteAsync();
        transport.Write("1"u8);
        transport.Flush();
        Assert.Equal('1', peer.ReadByte());
        peer.Dispose();
        await Until(() => protocol.IsLost);
        Assert.Null(protocol.Reason);
    });

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_read_pty_output")]
    [CPythonTest("test_unix_events.py", "UnixReadPipeTransportTests", "test__read_ready_error")]
    [CPythonTest("test_unix_events.py", "UnixReadPipeTransportTests", "test__call_connection_lost_with_err")]
    public void A_terminals_output_can_be_read() => Run(async () =>
    {
        var (master, slave) = OpenTerminal();
        var (transport, protocol) = await Loop.ConnectReadPipeAsync(() => new Recorder(), master);
        using (var terminal = new FileStream(slave, FileAccess.Write, 0))
        {
            terminal.Write("1"u8);
            await Until(() => protocol.DataCount == 1);
            terminal.Write("2345"u8);
            await Until(() => protocol.DataCount == 5);
        }
        await Until(() => protocol.IsLost); // Linux tells the end of a terminal as an error
        Assert.IsType<IOException>(protocol.Reason);
        Assert.True(master.IsClosed);
    });

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_write_pty")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_bidirectional_pty")]
    public void A_terminal_can_be_read_and_written() => Run(async () =>
    {
        var (master, slave) = OpenTerminal();
        var again = new SafeFileHandle(dup((int)slave.DangerousGetHandle()), ownsHandle: true);
        var (reading, readProtocol) = await Loop.ConnectReadPipeAsync(() => new Recorder(), slave);
        var (writing, writeProtocol) = await Loop.ConnectWritePipeAsync(() => new Recorder(), again);
        using var terminal = new FileStream(master, FileAccess.ReadWrite, 0);
        writing.Write("1"u8);
        writing.Flush();
        Assert.Equal('1', terminal.ReadByte());
        terminal.Write("line\n"u8);
        await Until(() => readProtocol.DataCount == 5);
        Assert.Equal("line\n"u8.ToArray(), readProtocol.Data);
        terminal.Dispose();
        await Until(() => readProtocol.IsLost && writeProtocol.IsLost);
    });

    [Fact]
    public void Lines_that_a_terminal_has_at_once_all_come_though_it_gives_one_at_a_time() => Run(async () =>
    {
        var (master, slave) = OpenTerminal();
        using var terminal = new FileStream(master, FileAccess.ReadWrite, 0);
        var (transport, protocol) = await Loop.ConnectReadPipeAsync(() => new Recorder(), slave);
        terminal.Write("a\nb\n"u8);
        await Until(() => protocol.DataCount == 4);
        Assert.Equal("a\nb\n"u8.ToArray(), protocol.Data);
        transport.Close();
        await Until(() => protocol.IsLost);
    });

    [Fact]
    public void The_end_that_is_typed_behind_a_line_comes() => Run(async () =>
    {
        var (master, slave) = OpenTerminal();
        using var terminal = new FileStream(master, FileAccess.ReadWrite, 0);
        var (_, protocol) = await Loop.ConnectReadPipeAsync(() => new Recorder(), slave);
        terminal.Write("a\n\u0004"u8);
        await Until(() => protocol.IsLost);
        Assert.Equal("made data eof lost", protocol.Events);
    });

    [Fact]
    public void The_null_device_takes_everything_and_has_nothing() => Run(async () =>
    {
        var (writing, writeProtocol) = await Loop.ConnectWritePipeAsync(
            () => new Recorder(), File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write));
        writing.Write(new byte[1_000_000]);
        Assert.Equal(0, writing.WriteBufferSize);
        writing.Close();
        var (_, readProtocol) = await Loop.ConnectReadPipeAsync(() => new Recorder(), File.OpenHandle("/dev/null"));
        await Until(() => readProtocol.IsLost && writeProtocol.IsLost);
        Assert.Equal("made eof lost", readProtocol.Events);
    });

    [Fact]
    public void The_same_descriptor_is_not_watched_twice() => Run(async () =>
    {
        using var near = new AnonymousPipeServerStream(PipeDirection.Out);
        var handle = new SafePipeHandle(nint.Parse(near.GetClientHandleAsString()), ownsHandle: false);
        Loop.AddReader(handle, () => { });
        await Expect.ThrowsAsync<InvalidOperationException>(Loop.ConnectReadPipeAsync(() => new Recorder(), handle));
        Loop.RemoveReader(handle);
        var (transport, protocol) = await Loop.ConnectReadPipeAsync(() => new Recorder(), handle);
        Assert.Throws<InvalidOperationException>(() => Loop.AddReader(handle, () => { }));
        transport.Close();
        await Until(() => protocol.IsLost);
    });

    private static (SafeFileHandle Master, SafeFileHandle Slave) OpenTerminal()
    {
        var master = posix_openpt(2 | 0x100); // O_RDWR, O_NOCTTY
        Assert.True(master >= 0);
        Assert.Equal(0, grantpt(master));
        Assert.Equal(0, unlockpt(master));
        var name = new byte[100];
        Assert.Equal(0, ptsname_r(master, name, (nuint)name.Length));
        var slave = open(Encoding.ASCII.GetString(name).TrimEnd('\0'), 2 | 0x100);
        Assert.True(slave >= 0);
        return (new SafeFileHandle(master, ownsHandle: true), new SafeFileHandle(slave, ownsHandle: true));
    }

    [DllImport("libc")]
    private static extern int posix_openpt(int flags);

    [DllImport("libc")]
    private static extern int grantpt(int descriptor);

    [DllImport("libc")]
    private static extern int unlockpt(int descriptor);

    [DllImport("libc")]
    private static extern int ptsname_r(int descriptor, byte[] name, nuint length);

    [DllImport("libc")]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc")]
    private static extern int dup(int descriptor);
}

public sealed class EpollPipeTests() : LinuxPipeTests(new EpollEventLoop());

public sealed class IoUringPipeTests() : LinuxPipeTests(IoUring.NewLoop());
