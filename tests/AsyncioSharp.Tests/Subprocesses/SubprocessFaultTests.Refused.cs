using System.Diagnostics;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Faults;

namespace AsyncioSharp.Tests.Subprocesses;

// Signals that are refused, as by a process that has changed its user, and what cannot be looked at.
public sealed partial class SubprocessFaultTests
{
    private static FaultPlan NoSignals() => new("kill", NoPermission, at: 1, length: Always);

    private static LogEntries Log()
    {
        var log = new LogEntries();
        EventLoop.Running.Logger = log;
        return log;
    }

    private static void AssertRefused(LogEntries log) =>
        Assert.Single(log.Take(), static entry =>
            entry.Exception is UnauthorizedAccessException && entry.Text.EndsWith(" and goes on.", StringComparison.Ordinal));

    private static void Kill(int process)
    {
        using var other = Process.GetProcessById(process);
        other.Kill();
    }

    private static bool Exists(int process) => Directory.Exists($"/proc/{process}");

    private static async Coroutine<(Subprocess Process, int Grandchild)> StartTreeAsync()
    {
        var process = await Asyncio.CreateSubprocessShellAsync("sh -c 'sleep 1000 & echo $!; wait' & wait", s_piped);
        return (process, int.Parse(await process.StandardOutput!.ReadLineAsync()));
    }

    [Fact]
    public void A_process_that_may_not_be_killed_survives_its_loop_and_no_other_does()
    {
        var log = new LogEntries();
        Loop.Logger = log;
        var processes = Loop.RunUntilComplete(StartTwoAsync());

        using (new FaultPlan("kill", NoPermission, at: 1))
            Loop.Close();

        Assert.Equal([null, -9], processes.Select(static process => process.ReturnCode));
        Assert.Equal([true, false], processes.Select(static process => Exists(process.ProcessId)));
        AssertRefused(log);
        Kill(processes[0].ProcessId);
        using var other = new EpollEventLoop();
        while (Exists(processes[0].ProcessId))
            other.RunUntilComplete(StartAndWaitAsync("true")); // which looks for those that were left behind

        static async Coroutine<Subprocess[]> StartTwoAsync() =>
            [await Asyncio.CreateSubprocessExecAsync("sleep", ["1000"]), await Asyncio.CreateSubprocessExecAsync("sleep", ["1000"])];
    }

    [Fact]
    public void An_owner_that_may_not_end_its_process_closes_its_pipes_and_goes_on() => Run(LeaveAloneAsync);

    [Fact]
    public void An_owner_that_may_not_end_its_process_closes_its_pipes_and_goes_on_on_every_system()
    {
        using var loop = new PortableEventLoop();
        loop.RunUntilComplete(LeaveAloneAsync());
    }

    private static async Coroutine LeaveAloneAsync()
    {
        var log = Log();
        var options = new SubprocessOptions { StandardOutput = Stdio.Pipe, StandardError = Stdio.Null, GracePeriod = TimeSpan.FromHours(1) };
        var process = await Asyncio.CreateSubprocessExecAsync("yes", [], options);
        using (NoSignals())
        {
            await Expect.ThrowsAsync<DivideByZeroException>(async () =>
            {
                await using var owned = process;
                throw new DivideByZeroException();
            });
            await process.DisposeAsync();
        }

        AssertRefused(log);
        Assert.NotEqual(0, await process.WaitAsync()); // nobody reads what it writes
    }

    [Fact]
    public void A_process_that_may_not_be_signalled_is_waited_for_if_its_input_has_ended() => Run(async () =>
    {
        var log = Log();
        using var plan = NoSignals();
        var process = await Asyncio.CreateSubprocessExecAsync("cat", [], s_piped with { GracePeriod = TimeSpan.FromHours(1) });

        await process.DisposeAsync();

        Assert.Equal(0, process.ReturnCode);
        Assert.True(plan.HasStruck);
        Assert.Empty(log.Take());
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_process_that_may_not_be_killed_is_waited_for_by_those_only_who_do_not_own_it(bool isCanceled) => Run(async () =>
    {
        var log = Log();
        var options = s_piped with { GracePeriod = isCanceled ? TimeSpan.FromHours(1) : TimeSpan.Zero };
        var process = await Asyncio.CreateSubprocessExecAsync("sleep", ["1000"], options);
        var waiter = Asyncio.CreateTask(process.WaitAsync());
        using (NoSignals())
        {
            var ending = Asyncio.CreateTask(process.DisposeAsync());
            await Asyncio.Yield();
            if (isCanceled)
            {
                ending.Cancel();
                await Expect.ThrowsAsync<CanceledException>(ending);
            }
            else
            {
                await ending;
            }
        }
        await Expect.Turns(3);

        AssertRefused(log);
        Assert.False(waiter.IsCompleted);
        Assert.True(process.Kill());
        Assert.Equal(-9, await waiter);
    });

    [Fact]
    public void A_start_that_is_cancelled_ends_so_also_if_the_process_may_not_be_killed() => Run(async () =>
    {
        await StartAndWaitAsync("true");
        var log = Log();
        var children = Children.All();
        var descriptors = Directory.GetFileSystemEntries("/proc/self/fd").Length;
        using (NoSignals())
        {
            var starting = Asyncio.CreateTask(Asyncio.CreateSubprocessExecAsync("sleep", ["1000"], s_piped));
            await Asyncio.Yield(); // it waits for its pipes to begin
            starting.Cancel();
            await Expect.ThrowsAsync<CanceledException>(starting);
        }

        AssertRefused(log);
        var left = Assert.Single(Children.All().Except(children));
        Kill(left);
        await Until(() => !Exists(left));
        await Until(() => Directory.GetFileSystemEntries("/proc/self/fd").Length <= descriptors); // files of the runtime come and go
    });

    [Fact]
    public void A_transport_closes_the_pipes_of_a_process_that_may_not_be_killed() => Run(async () =>
    {
        var (transport, protocol) = await Loop.SubprocessExecAsync(static () => new SubprocessTransportTests.Recorder(), "cat");
        using (NoSignals())
            transport.Close();

        await protocol.Ended;

        Assert.Equal(0, transport.ReturnCode);
    });

    [Fact]
    public void Other_processes_that_cannot_be_looked_at_keep_no_tree_alive() => Run(async () =>
    {
        var (process, grandchild) = await StartTreeAsync();
        using (var plan = new FaultPlan("stat", NoPermission, at: 1)) // of the first that there is
        {
            Assert.True(process.Kill(entireProcessTree: true));
            Assert.True(plan.HasStruck);
        }

        Assert.Equal(-9, await process.WaitAsync());
        await Until(() => !Children.Runs(grandchild));
    });

    [Fact]
    public void Whatever_fails_while_a_tree_is_stopped_all_that_was_stopped_is_killed() => Run(async () =>
    {
        var (process, grandchild) = await StartTreeAsync();
        using (new FaultPlan("kill", error: 0, at: 0) { OnCall = FailAtGrandchild })
            Assert.Throws<DivideByZeroException>(() => process.Kill(entireProcessTree: true));

        Assert.Equal(-9, await process.WaitAsync());
        await Until(() => !Children.Runs(grandchild));

        static void FailAtGrandchild(int call)
        {
            if (call == 3)
                throw new DivideByZeroException();
        }
    });
}
