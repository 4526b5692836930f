using System.Text;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Subprocesses;

/// <summary>Processes, with what every loop can do.</summary>
public abstract partial class SubprocessTests : OnNetwork
{
    private protected static readonly SubprocessOptions Piped = new() { StandardInput = Stdio.Pipe, StandardOutput = Stdio.Pipe };

    protected SubprocessTests(EventLoop loop)
        : base(loop) => Assert.SkipWhen(OperatingSystem.IsWindows(), "the programs are those of Unix");

    private protected static Coroutine<Subprocess> ShellAsync(string command, SubprocessOptions? options = null) =>
        Asyncio.CreateSubprocessShellAsync(command, options ?? Piped);

    private protected static string Text(byte[]? data) => Encoding.UTF8.GetString(data!);

    private protected static bool Exists(int process) => Directory.Exists($"/proc/{process}");

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_stdin_stdout")]
    public void A_process_reads_what_is_written_to_it_and_its_output_is_read() => Run(async () =>
    {
        await using var process = await Asyncio.CreateSubprocessExecAsync("cat", [], Piped);
        process.StandardInput!.Write("some data"u8);
        await process.StandardInput.DrainAsync();
        process.StandardInput.Close();

        var data = await process.StandardOutput!.ReadAsync();
        var exitCode = await process.WaitAsync();

        Assert.Equal("some data", Text(data));
        Assert.Equal(0, exitCode);
        Assert.Equal(0, process.ReturnCode);
    });

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_communicate")]
    public void Communicate_writes_reads_and_waits() => Run(async () =>
    {
        var process = await Asyncio.CreateSubprocessExecAsync("cat", [], Piped);

        var (output, error) = await process.CommunicateAsync("some data"u8.ToArray());

        Assert.Equal("some data", Text(output));
        Assert.Null(error);
        Assert.Equal(0, process.ReturnCode);
    });

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_communicate_none_input")]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_empty_input")]
    public void Communicate_without_input_ends_the_input() => Run(async () =>
    {
        var process = await Asyncio.CreateSubprocessExecAsync("cat", [], Piped);

        var (output, _) = await process.CommunicateAsync();

        Assert.Equal("", Text(output));
        Assert.Equal(0, process.ReturnCode);
    });

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_subprocess_communicate_stdout")]
    public void Communicate_tells_output_and_error_apart() => Run(async () =>
    {
        var process = await ShellAsync("cat; echo error >&2", Piped with { StandardError = Stdio.Pipe });

        var (output, error) = await process.CommunicateAsync("output"u8.ToArray());

        Assert.Equal("output", Text(output));
        Assert.Equal("error\n", Text(error));
    });

    [Fact]
    public void Much_data_both_ways_blocks_nobody() => Run(async () =>
    {
        var data = new byte[5_000_000];
        Random.Shared.NextBytes(data);
        var process = await ShellAsync("tee /dev/stderr", Piped with { StandardError = Stdio.Pipe });

        var (output, error) = await process.CommunicateAsync(data);

        Assert.Equal(data, output);
        Assert.Equal(data, error);
    });

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_shell")]
    public void The_shell_runs_commands() => Run(async () =>
    {
        var process = await Asyncio.CreateSubprocessShellAsync("exit 7");

        Assert.Equal(7, await process.WaitAsync());
        Assert.Equal(7, await process.WaitAsync());
    });

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_stdin_broken_pipe")]
    public void Writing_to_a_process_that_does_not_read_fails() => Run(async () =>
    {
        await using var process = await ShellAsync("exec <&-; echo closed; exec sleep 1000");
        await process.StandardOutput!.ReadLineAsync();

        await Expect.ThrowsAsync<IOException>(async () =>
        {
            for (; ; )
            {
                process.StandardInput!.Write(new byte[100_000]);
                await process.StandardInput.DrainAsync();
            }
        });
    });

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_communicate_ignore_broken_pipe")]
    public void Communicate_does_not_mind_that_not_all_is_read() => Run(async () =>
    {
        var process = await ShellAsync("head -c 5");

        var (output, _) = await process.CommunicateAsync(new byte[1_000_000]);

        Assert.Equal(5, output!.Length);
    });

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_pause_reading")]
    public void A_process_waits_for_a_reader_that_does_not_keep_up() => Run(async () =>
    {
        const int Limit = 1000, Length = 1_000_000;
        await using var process = await ShellAsync($"head -c {Length} /dev/zero", Piped with { Limit = Limit });
        await Until(() => process.StandardOutput!.ToString().Contains("paused"));
        Assert.Null(process.ReturnCode);

        var (output, _) = await process.CommunicateAsync();

        Assert.Equal(Length, output!.Length);
        Assert.Equal(0, process.ReturnCode);
    });

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_stdin_not_inheritable")]
    public void Children_do_not_hold_each_others_pipes_open() => Run(async () =>
    {
        await using var first = await Asyncio.CreateSubprocessExecAsync("cat", [], Piped);
        await using var second = await Asyncio.CreateSubprocessExecAsync("cat", [], Piped);

        var (output, _) = await first.CommunicateAsync("x"u8.ToArray());

        Assert.Equal("x", Text(output));
    });

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_devnull_input")]
    public void Nothing_can_be_read_from_null() => Run(async () =>
    {
        var process = await Asyncio.CreateSubprocessExecAsync("cat", [], Piped with { StandardInput = Stdio.Null });

        Assert.Null(process.StandardInput);
        Assert.Equal("", Text((await process.CommunicateAsync()).Output));
    });

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_devnull_output")]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_devnull_error")]
    public void What_is_written_to_null_is_dropped() => Run(async () =>
    {
        var options = new SubprocessOptions { StandardInput = Stdio.Pipe, StandardOutput = Stdio.Null, StandardError = Stdio.Null };
        var process = await ShellAsync("tee /dev/stderr", options);

        var (output, error) = await process.CommunicateAsync(new byte[300_000]);

        Assert.Null(output);
        Assert.Null(error);
        Assert.Equal(0, process.ReturnCode);
    });

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_cancel_process_wait")]
    public void Who_waits_can_be_cancelled_and_the_process_goes_on() => Run(async () =>
    {
        await using var process = await Asyncio.CreateSubprocessExecAsync("cat", [], Piped);
        var waiter = Asyncio.CreateTask(process.WaitAsync());
        await Asyncio.Yield();
        waiter.Cancel();
        await Expect.ThrowsAsync<CanceledException>(async () => await waiter);
        Assert.Null(process.ReturnCode);

        var (output, _) = await process.CommunicateAsync("still there"u8.ToArray());

        Assert.Equal("still there", Text(output));
    });

    [Fact]
    public void Who_communicates_can_be_cancelled_and_the_process_goes_on() => Run(async () =>
    {
        await using var process = await Asyncio.CreateSubprocessExecAsync("sleep", ["1000"], Piped);
        await Expect.ThrowsAsync<TimeoutException>(async () => await Asyncio.WaitFor(process.CommunicateAsync(), TimeSpan.FromMilliseconds(1)));

        Assert.Null(process.ReturnCode);
        Assert.True(process.SendSignal(0)); // which only asks
    });

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_subprocess_concurrent_wait")]
    [CPythonTest("test_subprocess.py", "SubprocessTransportTests", "test_proc_exited_no_invalid_state_error_on_exit_waiters")]
    public void Several_can_wait() => Run(async () =>
    {
        var process = await Asyncio.CreateSubprocessExecAsync("cat", [], Piped);
        var waiters = Enumerable.Range(0, 10).Select(_ => Asyncio.CreateTask(process.WaitAsync())).ToArray();
        await Asyncio.Yield();
        waiters[3].Cancel();
        process.StandardInput!.Close();

        var codes = await Asyncio.GatherOutcomes(waiters);

        Assert.True(codes[3].IsCanceled);
        Assert.All(codes.Where((_, i) => i != 3), outcome => Assert.Equal(0, outcome.Value));
    });

    [Fact]
    public void The_end_is_known_while_others_hold_its_pipes() => Run(async () =>
    {
        await using var process = await ShellAsync("(sleep 1000 & echo $!); exit 4");
        var other = int.Parse(await ReadLineAsync(process));

        Assert.Equal(4, await process.WaitAsync());

        Assert.False(process.StandardOutput!.AtEof);
        Assert.True(Exists(other));
        System.Diagnostics.Process.GetProcessById(other).Kill();
    });

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_read_stdout_after_process_exit")]
    public void Output_can_be_read_after_the_end() => Run(async () =>
    {
        var process = await ShellAsync("i=0; while [ $i -lt 20 ]; do echo $i; i=$((i+1)); done");
        await process.WaitAsync();

        var lines = 0;
        await foreach (var line in process.StandardOutput!)
            Assert.Equal($"{lines++}\n", Text(line));

        Assert.Equal(20, lines);
    });

    [Fact]
    public void Output_and_errors_are_read_as_lines_of_text() => Run(async () =>
    {
        var process = await ShellAsync("echo eins; echo zwölf; echo oops >&2; printf last", Piped with { StandardError = Stdio.Pipe });
        var lines = new List<SubprocessLine>();

        await foreach (var line in process.ReadLinesAsync())
            lines.Add(line);

        Assert.Equal(["eins", "zwölf", "last"], lines.Where(line => !line.IsError).Select(line => line.Text));
        Assert.Equal(["oops"], lines.Where(line => line.IsError).Select(line => line.Text));
        Assert.Equal(0, await process.WaitAsync());
    });

    [Fact]
    public void Who_has_seen_enough_lines_may_stop() => Run(async () =>
    {
        await using var process = await Asyncio.CreateSubprocessExecAsync("yes", [], Piped);
        var count = 0;

        await foreach (var line in process.ReadLinesAsync())
        {
            Assert.Equal("y", line.Text);
            if (++count == 1000)
                break;
        }

        Assert.Null(process.ReturnCode);
    });

    [Fact]
    public void Who_has_seen_enough_lines_may_read_on_by_other_means() => Run(async () =>
    {
        await using var process = await ShellAsync("echo one; read line; echo two");
        await foreach (var _ in process.ReadLinesAsync())
            break;

        process.StandardInput!.Write("go on\n"u8);
        Assert.Equal("two", await ReadLineAsync(process));
    });

    [Fact]
    public void A_line_that_is_too_long_is_told() => Run(async () =>
    {
        await using var process = await ShellAsync("head -c 1000 /dev/zero", Piped with { Limit = 10 });

        await Expect.ThrowsAsync<LimitOverrunException>(async () =>
        {
            await foreach (var _ in process.ReadLinesAsync())
            {
            }
        });
    });

    private protected static async Coroutine<string> ReadLineAsync(Subprocess process) =>
        Encoding.UTF8.GetString(await process.StandardOutput!.ReadLineAsync()).TrimEnd();
}

public sealed class EpollSubprocessTests() : SubprocessTests(new EpollEventLoop());

public sealed class IoUringSubprocessTests() : SubprocessTests(IoUring.NewLoop());

public sealed class PortableSubprocessTests() : SubprocessTests(new PortableEventLoop());
