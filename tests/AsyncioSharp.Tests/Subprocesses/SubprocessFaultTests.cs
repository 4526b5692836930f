using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Faults;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Subprocesses;

/// <summary>Processes where the system has no pidfd, or something has run out.</summary>
[Collection(nameof(Alone))]
public sealed partial class SubprocessFaultTests() : OnNetwork(new EpollEventLoop())
{
    private const int NoPermission = 1, NoCall = 38, NoDescriptors = 24, NoneInSystem = 23,
        Again = 11, NoMemory = 12, NoSpace = 28, Interrupted = 4, Invalid = 22;
    private const int Always = 1_000_000;
    private static readonly SubprocessOptions s_piped = new() { StandardInput = Stdio.Pipe, StandardOutput = Stdio.Pipe, StandardError = Stdio.Pipe };

    private static async Coroutine<int> StartAndWaitAsync(string command)
    {
        await using var process = await Asyncio.CreateSubprocessShellAsync(command, s_piped);
        await process.CommunicateAsync("data"u8.ToArray());
        return process.ReturnCode!.Value;
    }

    // What a child finds: its directory, a variable, its descriptors, its session, and the signals that it blocks.
    private static async Coroutine<string[]> DescribeAsync(SubprocessOptions options)
    {
        // The shell blocks all signals for a moment while it waits, so that its own are looked at by what takes its place.
        const string Script = "echo error >&2; pwd; " +
            "echo $THERE; ls /proc/$$/fd; [ $(cut -d' ' -f6 /proc/$$/stat) = $$ ] && echo its own session; exec grep SigBlk /proc/self/status";
        await using var process = await Asyncio.CreateSubprocessShellAsync(Script, options);
        return Encoding.UTF8.GetString((await process.CommunicateAsync()).Output!).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [Theory]
    [InlineData("pidfd_open", NoCall)] // an older kernel
    [InlineData("pidfd_open", NoPermission)] // a sandbox
    [InlineData("pidfd_open", NoDescriptors)]
    [InlineData("pidfd_open", Invalid)]
    [InlineData("pidfd_open pthread_create", Again)] // and there are no threads either
    public void Without_pidfd_a_thread_waits_or_the_loop_looks_now_and_then(string calls, int error) => Run(async () =>
    {
        using var plan = new FaultPlan(calls, error, at: 1, length: Always);
        var descriptors = Descriptors.Count();
        var children = Children.All();

        var codes = await Asyncio.Gather(Enumerable.Range(0, 20).Select(i => StartAndWaitAsync($"cat; exit {i}")));
        await using (var process = await Asyncio.CreateSubprocessExecAsync("sleep", ["1000"]))
        {
            var waiter = Asyncio.CreateTask(process.WaitAsync());
            await Asyncio.Yield();
            waiter.Cancel();
            await Expect.ThrowsAsync<CanceledException>(waiter);
            Assert.True(process.Kill());
            Assert.Equal(-9, await process.WaitAsync());
            Assert.False(process.Kill());
        }

        Assert.Equal(Enumerable.Range(0, 20), codes);
        Assert.True(plan.HasStruck);
        Assert.Empty(Children.All().Except(children));
        Assert.Equal(descriptors, Descriptors.Count());
    });

    [Fact]
    public void Without_pidfd_the_children_of_dotnet_are_left_to_it() => Run(async () =>
    {
        using var plan = new FaultPlan("pidfd_open", NoCall, at: 1, length: Always);
        var theirs = Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            using var process = System.Diagnostics.Process.Start("sh", ["-c", $"exit {i}"]);
            await process.WaitForExitAsync();
            return process.ExitCode;
        }));

        var ours = await Asyncio.Gather(Enumerable.Range(20, 20).Select(i => StartAndWaitAsync($"exit {i}")));

        Assert.Equal(Enumerable.Range(20, 20), ours);
        Assert.Equal(Enumerable.Range(0, 20), await theirs);
    });

    [Fact]
    public void Without_pidfd_no_process_survives_its_loop()
    {
        using var plan = new FaultPlan("pidfd_open", NoCall, at: 1, length: Always);
        var log = new LogEntries();
        Loop.Logger = log;
        var process = Loop.RunUntilComplete(Asyncio.CreateSubprocessExecAsync("sleep", ["1000"]));

        Loop.Close();

        Assert.Equal(-9, process.ReturnCode);
        Assert.False(Directory.Exists($"/proc/{process.ProcessId}"));
        Assert.Contains(log.Take(), entry => entry.Text.Contains("still ran"));
    }

    [Theory]
    [InlineData("clone3", Again, "no processes left")]
    [InlineData("clone3", NoMemory, "cannot be started")]
    [InlineData("clone3 posix_spawn", NoDescriptors, "no descriptors left")]
    [InlineData("pipe2", NoDescriptors, "no descriptors left")]
    [InlineData("pipe2", NoneInSystem, "no descriptors left")]
    public void What_has_run_out_is_told_at_the_call_and_nothing_is_left(string call, int error, string message) => Run(async () =>
    {
        await StartAndWaitAsync("true");
        await FailAsync(at: 1); // files of the runtime that are opened once
        var descriptors = Directory.GetFileSystemEntries("/proc/self/fd").Length;
        for (var at = 1; at <= (call == "pipe2" ? 3 : 1); at++)
        {
            await FailAsync(at);

            await Until(() => Directory.GetFileSystemEntries("/proc/self/fd").Length <= descriptors); // files of the runtime come and go
        }
        Assert.Equal(3, await StartAndWaitAsync("exit 3"));

        async Coroutine FailAsync(int at)
        {
            using var plan = new FaultPlan(call, error, at, length: call.Count(char.IsWhiteSpace) + 1);

            var failure = await Expect.ThrowsAsync<IOException>(StartAndWaitAsync("exit 3"));

            Assert.True(plan.HasStruck);
            Assert.Contains(message, failure.Message);
            Assert.Equal(error, Assert.IsType<Win32Exception>(failure.InnerException).NativeErrorCode);
        }
    });

    [Theory]
    [InlineData(NoCall)] // a kernel older than 5.3, or a sandbox
    [InlineData(Invalid)] // one older than 5.5
    [InlineData(NoPermission)]
    [InlineData(NoneInSystem)] // whatever else a sandbox may say
    public void Without_clone3_processes_start_all_the_same(int error) => Run(async () =>
    {
        var path = Path.GetTempFileName();
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        var options = new SubprocessOptions
        {
            StandardInput = Stdio.Null,
            StandardOutput = Stdio.Pipe,
            StandardError = Stdio.ToStandardOutput,
            WorkingDirectory = "/usr",
            Environment = new Dictionary<string, string> { ["PATH"] = Environment.GetEnvironmentVariable("PATH")!, ["THERE"] = "yes" },
            ExtraDescriptors = new Dictionary<int, SafeHandle> { [9] = file, [5] = file },
            NewSession = true,
        };
        var usual = await DescribeAsync(options);
        using var plan = new FaultPlan("clone3", error, at: 1, length: Always);

        var other = await DescribeAsync(options);

        Assert.True(plan.HasStruck);
        Assert.Equal(["error", "/usr", "yes", "0", "1", "2", "5", "9", "its own session", "SigBlk:\t0000000000000000"], usual);
        Assert.Equal(usual, other);
        File.Delete(path);
    });

    [Theory]
    [InlineData("/usr", null, typeof(UnauthorizedAccessException))]
    [InlineData("true", "/no/such/directory", typeof(DirectoryNotFoundException))]
    [InlineData("./no-such-program", "/usr", typeof(FileNotFoundException))]
    [InlineData("/no/such/program", null, typeof(FileNotFoundException))]
    public void What_fails_in_the_child_is_told_at_the_call_and_leaves_nothing(string program, string? directory, Type exception) => Run(async () =>
    {
        await StartAndWaitAsync("true");
        var descriptors = Descriptors.Count();
        var children = Children.All();

        var usual = await Assert.ThrowsAsync(exception, StartAsync);
        using var plan = new FaultPlan("clone3", NoCall, at: 1, length: Always);
        var other = await Assert.ThrowsAsync(exception, StartAsync);

        Assert.Equal(usual.Message, other.Message);
        Assert.Empty(Children.All().Except(children));
        Assert.Equal(descriptors, Descriptors.Count());

        async Task StartAsync() => await Asyncio.CreateSubprocessExecAsync(program, [], s_piped with { WorkingDirectory = directory });
    });

    [Theory]
    [InlineData("epoll_ctl", NoMemory)]
    [InlineData("epoll_ctl", NoSpace)]
    public void A_process_that_cannot_be_watched_is_waited_for_by_a_thread_and_pipes_that_cannot_be_end_it(string call, int error) => Run(async () =>
    {
        await StartAndWaitAsync("true");
        var descriptors = Directory.GetFileSystemEntries("/proc/self/fd").Length;
        var children = Children.All();
        int count;
        using (var plan = new FaultPlan(call, error, at: 0))
        {
            Assert.Equal(3, await StartAndWaitAsync("cat; exit 3"));
            count = plan.Count;
        }
        var failed = 0;
        for (var at = 1; at <= count; at++)
        {
            using (var plan = new FaultPlan(call, error, at))
            {
                try
                {
                    await StartAndWaitAsync("cat; exit 3");
                }
                catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
                {
                    failed++;
                }
            }
            // What was started and refused has been killed, and is reaped as any child.
            await Until(() => !Children.All().Except(children).Any());
            await Until(() => Directory.GetFileSystemEntries("/proc/self/fd").Length <= descriptors);
        }
        Assert.InRange(failed, 1, count - 1);
    });

    [Theory]
    [InlineData("read")]
    [InlineData("write")]
    [InlineData("epoll_wait epoll_pwait2")]
    public void A_storm_of_signals_interrupts_nothing(string call) => Run(async () =>
    {
        using var plan = new FaultPlan(call, Interrupted, at: 2, length: 300);

        Assert.Equal(3, await StartAndWaitAsync("cat; exit 3"));
    });
}
