using System.Runtime.InteropServices;

namespace AsyncioSharp.Tests.Subprocesses;

// Ending processes, and sending them signals.
public abstract partial class SubprocessTests
{
    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_kill")]
    public void A_process_can_be_killed() => Run(async () =>
    {
        var process = await Asyncio.CreateSubprocessExecAsync("sleep", ["1000"]);

        Assert.True(process.Kill());

        Assert.Equal(-9, await process.WaitAsync());
    });

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_kill_issue43884")]
    public void A_shell_can_be_killed() => Run(async () =>
    {
        var process = await ShellAsync("while true; do sleep 1; done", new SubprocessOptions { StandardOutput = Stdio.Pipe });

        process.Kill();

        Assert.Equal(-9, await process.WaitAsync());
    });

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_terminate")]
    public void A_process_can_be_asked_to_end() => Run(async () =>
    {
        var process = await Asyncio.CreateSubprocessExecAsync("sleep", ["1000"]);

        Assert.True(process.Terminate());

        Assert.Equal(-15, await process.WaitAsync());
    });

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_send_signal")]
    public void A_process_can_be_sent_signals() => Run(async () =>
    {
        await using var process = await ShellAsync("trap 'echo hangup; exit 3' HUP; echo ready; while true; do sleep 0.01; done");
        Assert.Equal("ready\n", Text(await process.StandardOutput!.ReadLineAsync()));

        Assert.True(process.SendSignal(PosixSignal.SIGHUP));

        Assert.Equal("hangup\n", Text(await process.StandardOutput.ReadLineAsync()));
        Assert.Equal(3, await process.WaitAsync());
    });

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessTransportTests", "test_proc_exited")]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_subprocess_send_signal_race")]
    public void Signals_to_a_process_that_has_ended_reach_nobody() => Run(async () =>
    {
        var process = await Asyncio.CreateSubprocessExecAsync("true");
        process.Terminate(); // whichever comes first
        await process.WaitAsync();

        Assert.False(process.Terminate());
        Assert.False(process.Kill());
        Assert.False(process.SendSignal(PosixSignal.SIGINT));
    });
}
