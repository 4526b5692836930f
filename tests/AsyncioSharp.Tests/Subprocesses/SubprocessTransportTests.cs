using System.Text;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Subprocesses;

/// <summary>Processes by transports and protocols.</summary>
public abstract class SubprocessTransportTests : OnNetwork
{
    protected SubprocessTransportTests(EventLoop loop)
        : base(loop) => Assert.SkipWhen(OperatingSystem.IsWindows(), "the programs are those of Unix");

    private Coroutine<(SubprocessTransport Transport, Recorder Protocol)> ExecAsync(string program, params string[] arguments) =>
        Loop.SubprocessExecAsync(() => new Recorder(), program, arguments);

    private Coroutine<(SubprocessTransport Transport, Recorder Protocol)> ShellAsync(string command, SubprocessOptions? options = null) =>
        Loop.SubprocessShellAsync(() => new Recorder(), command, options);

    [Fact]
    [CPythonTest("test_events.py", "SubprocessTestsMixin", "test_subprocess_exec")]
    [CPythonTest("test_events.py", "SubprocessTestsMixin", "test_subprocess_close_client_stream")]
    public void A_protocol_is_told_of_data_and_of_the_end_of_each_pipe() => Run(async () =>
    {
        var (transport, protocol) = await ExecAsync("cat");
        Assert.Equal("made", protocol.Events);
        Assert.Same(protocol, transport.GetProtocol());
        transport.GetPipeTransport(0)!.Write("Python The Winner"u8);
        await Until(() => protocol.Output == "Python The Winner");

        transport.GetPipeTransport(0)!.Close();
        await protocol.Ended;

        Assert.Equal(0, transport.ReturnCode);
        Assert.StartsWith("made data1", protocol.Events);
        Assert.EndsWith(" lost", protocol.Events);
        Assert.Equal("data1 exited lost lost0 lost1 lost2 made", protocol.SortedEvents);
    });

    [Fact]
    [CPythonTest("test_events.py", "SubprocessTestsMixin", "test_subprocess_interactive")]
    public void A_dialogue_goes_to_and_fro() => Run(async () =>
    {
        var (transport, protocol) = await ExecAsync("cat");
        var input = transport.GetPipeTransport(0)!;
        input.Write("Python "u8);
        await Until(() => protocol.Output == "Python ");
        input.Write("The Winner"u8);
        await Until(() => protocol.Output == "Python The Winner");

        transport.Close();
        await protocol.Ended;

        Assert.Equal(-9, transport.ReturnCode);
        Assert.True(transport.IsClosing);
    });

    [Fact]
    [CPythonTest("test_events.py", "SubprocessTestsMixin", "test_subprocess_shell")]
    public void The_shell_runs_a_command() => Run(async () =>
    {
        var (transport, protocol) = await ShellAsync("echo Python");
        transport.GetPipeTransport(0)!.Close();
        await protocol.Ended;

        Assert.Equal(0, transport.ReturnCode);
        Assert.Equal("Python\n", protocol.Output);
        Assert.Equal("", protocol.Error);
    });

    [Fact]
    [CPythonTest("test_events.py", "SubprocessTestsMixin", "test_subprocess_exitcode")]
    public void The_exit_code_is_known_when_the_protocol_is_told() => Run(async () =>
    {
        var options = new SubprocessOptions { StandardInput = Stdio.Inherit, StandardOutput = Stdio.Inherit, StandardError = Stdio.Inherit };
        var (transport, protocol) = await ShellAsync("exit 7", options);
        await protocol.Ended;

        Assert.Equal(7, protocol.ExitCodeWhenTold);
        Assert.Equal(7, transport.ReturnCode);
        Assert.Equal("made exited lost", protocol.Events);
        Assert.Null(transport.GetPipeTransport(0));
    });

    [Fact]
    [CPythonTest("test_events.py", "SubprocessTestsMixin", "test_subprocess_close_after_finish")]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_close_dont_kill_finished")]
    public void Closing_after_the_end_changes_nothing() => Run(async () =>
    {
        var options = new SubprocessOptions { StandardInput = Stdio.Inherit, StandardOutput = Stdio.Inherit, StandardError = Stdio.Inherit };
        var (transport, protocol) = await ShellAsync("exit 7", options);
        await protocol.Ended;

        transport.Close();
        transport.Close();

        Assert.Equal(7, transport.ReturnCode);
        Assert.False(transport.Kill());
    });

    [Fact]
    [CPythonTest("test_events.py", "SubprocessTestsMixin", "test_subprocess_kill")]
    public void A_process_can_be_killed() => Run(async () =>
    {
        var (transport, protocol) = await ExecAsync("sleep", "1000");
        Assert.True(transport.Kill());
        await protocol.Ended;

        Assert.Equal(-9, transport.ReturnCode);
    });

    [Fact]
    [CPythonTest("test_events.py", "SubprocessTestsMixin", "test_subprocess_terminate")]
    public void A_process_can_be_asked_to_end() => Run(async () =>
    {
        var (transport, protocol) = await ExecAsync("sleep", "1000");
        Assert.True(transport.Terminate());
        await protocol.Ended;

        Assert.Equal(-15, transport.ReturnCode);
    });

    [Fact]
    [CPythonTest("test_events.py", "SubprocessTestsMixin", "test_subprocess_send_signal")]
    public void A_process_can_be_sent_a_signal() => Run(async () =>
    {
        var (transport, protocol) = await ExecAsync("sleep", "1000");
        Assert.True(transport.SendSignal(System.Runtime.InteropServices.PosixSignal.SIGHUP));
        await protocol.Ended;

        Assert.Equal(-1, transport.ReturnCode);
    });

    [Fact]
    [CPythonTest("test_events.py", "SubprocessTestsMixin", "test_subprocess_stderr")]
    public void Output_and_error_are_told_apart() => Run(async () =>
    {
        var (transport, protocol) = await ShellAsync("read line; echo OUT:$line; echo ERR:$line >&2");
        transport.GetPipeTransport(0)!.Write("test\n"u8);
        await protocol.Ended;

        Assert.Equal("OUT:test\n", protocol.Output);
        Assert.Equal("ERR:test\n", protocol.Error);
    });

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_close_kill_running")]
    public void Closing_kills_a_process_that_runs() => Run(async () =>
    {
        var (transport, protocol) = await ExecAsync("sleep", "1000");

        transport.Close();
        await protocol.Ended;

        Assert.Equal(-9, transport.ReturnCode);
        Assert.Equal("exited lost lost0 lost1 lost2 made", protocol.SortedEvents);
    });

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_subprocess_protocol_events")]
    public void All_output_comes_before_the_pipe_is_lost() => Run(async () =>
    {
        var (transport, protocol) = await ShellAsync("echo stdout; echo stderr >&2");
        transport.GetPipeTransport(0)!.Close();
        await protocol.Ended;

        Assert.Equal("stdout\n", protocol.Output);
        Assert.Equal("stderr\n", protocol.Error);
        Assert.Equal("data1 data2 exited lost lost0 lost1 lost2 made", protocol.SortedEvents);
        Assert.EndsWith(" lost", protocol.Events);
    });

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_cancel_make_subprocess_transport_exec")]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_cancel_post_init")]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_subprocess_read_pipe_cancelled")]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_subprocess_write_pipe_cancelled")]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_subprocess_read_write_pipe_cancelled")]
    public void A_start_that_is_cancelled_leaves_nothing() => Run(async () =>
    {
        var marker = $"{1000 + Environment.CurrentManagedThreadId}.{Random.Shared.Next(1_000_000)}";
        var task = Asyncio.CreateTask(ExecAsync("sleep", marker));
        await Asyncio.Yield(); // it waits for its pipes to begin
        Assert.True(task.Cancel());
        await Expect.ThrowsAsync<CanceledException>(task);

        await Until(() => !IsRunning(marker));
    });

    [Fact]
    public void What_a_protocol_throws_is_reported_and_the_rest_is_told() => Run(async () =>
    {
        var (transport, protocol) = await Loop.SubprocessShellAsync(() => new Recorder { Fails = true }, "echo x");
        transport.GetPipeTransport(0)!.Close();
        await protocol.Ended;

        Assert.Equal("data1 exited lost lost0 lost1 lost2 made", protocol.SortedEvents);
        Assert.Equal(7, Reports().Count(report => report.Exception is FormatException));
    });

    [Fact]
    [CPythonTest("test_protocols.py", "ProtocolsAbsTests", "test_subprocess_protocol")]
    public void A_protocol_need_not_listen() => Run(async () =>
    {
        var (transport, _) = await Loop.SubprocessShellAsync(() => new Deaf(), "echo x; exit 3");
        await Until(() => transport.ReturnCode is not null);

        Assert.Equal(3, transport.ReturnCode);
        transport.Close();
        await Expect.Turns(20);
    });

    private static bool IsRunning(string marker) => Directory.EnumerateDirectories("/proc").Any(directory =>
    {
        try
        {
            return File.ReadAllText($"{directory}/cmdline").Contains(marker);
        }
        catch (IOException)
        {
            return false;
        }
    });

    private sealed class Deaf : SubprocessProtocol;

    internal sealed class Recorder : SubprocessProtocol
    {
        private readonly List<string> _events = [];
        private readonly StringBuilder _output = new(), _error = new();
        private SubprocessTransport? _transport;

        public Future<bool> Ended { get; } = EventLoop.Running.CreateFuture<bool>();

        public bool Fails { get; init; }

        public int? ExitCodeWhenTold { get; private set; }

        public string Output => _output.ToString();

        public string Error => _error.ToString();

        public string Events => string.Join(" ", _events);

        public string SortedEvents => string.Join(" ", _events.Order(StringComparer.Ordinal));

        public override void ConnectionMade(SubprocessTransport transport)
        {
            _transport = transport;
            Note("made");
        }

        public override void PipeDataReceived(int descriptor, ReadOnlySpan<byte> data)
        {
            (descriptor == 1 ? _output : _error).Append(Encoding.UTF8.GetString(data));
            if (_events.Contains($"data{descriptor}"))
                return;
            Note($"data{descriptor}");
        }

        public override void PipeConnectionLost(int descriptor, Exception? exception) => Note($"lost{descriptor}");

        public override void ProcessExited()
        {
            ExitCodeWhenTold = _transport!.ReturnCode;
            Note("exited");
        }

        public override void ConnectionLost(Exception? exception)
        {
            Ended.SetResult(true);
            Note("lost");
        }

        private void Note(string what)
        {
            _events.Add(what);
            if (Fails)
                throw new FormatException(what);
        }
    }
}

public sealed class EpollSubprocessTransportTests() : SubprocessTransportTests(new EpollEventLoop());

public sealed class IoUringSubprocessTransportTests() : SubprocessTransportTests(IoUring.NewLoop());

public sealed class PortableSubprocessTransportTests() : SubprocessTransportTests(new PortableEventLoop());
