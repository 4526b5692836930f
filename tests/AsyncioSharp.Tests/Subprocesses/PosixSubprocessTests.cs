using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Subprocesses;

/// <summary>Processes on Linux, with everything that its loop can do.</summary>
public abstract class PosixSubprocessTests(EventLoop loop) : OnNetwork(loop)
{
    private static readonly SubprocessOptions s_piped = new() { StandardInput = Stdio.Pipe, StandardOutput = Stdio.Pipe };

    private static int DescriptorCount => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    private static async Coroutine<string> OutputAsync(string command, SubprocessOptions? options = null)
    {
        var process = await Asyncio.CreateSubprocessShellAsync(command, options ?? s_piped);
        return Encoding.UTF8.GetString((await process.CommunicateAsync()).Output!);
    }

    // Also a process that has ended and was not reaped exists.
    private static bool Exists(int process) => Directory.Exists($"/proc/{process}");

    private static string Temporary() => Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    [Fact]
    [CPythonTest("test_events.py", "SubprocessTestsMixin", "test_subprocess_stderr_redirect_to_stdout")]
    public void Errors_can_go_where_the_output_goes() => Run(async () =>
        Assert.Equal("out\nerr\n", await OutputAsync("echo out; echo err >&2", s_piped with { StandardError = Stdio.ToStandardOutput })));

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_devstdin_input")]
    public void Files_are_read_and_written() => Run(async () =>
    {
        string input = Temporary(), output = Temporary();
        await File.WriteAllTextAsync(input, "from a file", TestContext.Current.CancellationToken);
        var options = new SubprocessOptions { StandardInput = Stdio.File(input), StandardOutput = Stdio.File(output) };
        await (await Asyncio.CreateSubprocessShellAsync("cat; echo", options)).WaitAsync();
        await (await Asyncio.CreateSubprocessShellAsync("cat", options with { StandardOutput = Stdio.File(output, append: true) })).WaitAsync();

        Assert.Equal("from a file\nfrom a file", await File.ReadAllTextAsync(output, TestContext.Current.CancellationToken));
        using (var handle = File.OpenHandle(input))
            Assert.Equal("from a file", await OutputAsync("cat", s_piped with { StandardInput = Stdio.Of(handle) }));
        File.Delete(input);
        File.Delete(output);
    });

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_start_new_session")]
    public void A_session_of_its_own() => Run(async () =>
    {
        var process = await Asyncio.CreateSubprocessShellAsync("cut -d' ' -f6 /proc/self/stat", s_piped with { NewSession = true });

        Assert.Equal($"{process.ProcessId}\n", Encoding.UTF8.GetString((await process.CommunicateAsync()).Output!));
    });

    [Fact]
    [CPythonTest("test_events.py", "SubprocessTestsMixin", "test_subprocess_wait_no_same_group")]
    public void A_process_group_of_its_own() => Run(async () =>
    {
        var process = await Asyncio.CreateSubprocessShellAsync("cut -d' ' -f5 /proc/self/stat", s_piped with { ProcessGroup = 0 });

        Assert.Equal($"{process.ProcessId}\n", Encoding.UTF8.GetString((await process.CommunicateAsync()).Output!));
    });

    [Fact]
    public void Descriptors_are_handed_over_by_number_and_no_others() => Run(async () =>
    {
        var path = Temporary();
        using (var handle = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite))
        {
            var extra = new Dictionary<int, SafeHandle> { [7] = handle, [3] = handle };

            var listed = await OutputAsync("echo seven >&7; echo three >&3; ls /proc/$$/fd", s_piped with { ExtraDescriptors = extra });

            Assert.Equal(["0", "1", "2", "3", "7"], listed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
        }
        Assert.Equal("seven\nthree\n", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        File.Delete(path);
    });

    [Fact]
    public void A_broken_pipe_ends_it_as_any_program() => Run(async () =>
        Assert.Equal(
            "141\n", await OutputAsync("(yes; echo $? >&2) | head -n 1 >/dev/null", s_piped with { StandardError = Stdio.ToStandardOutput })));

    [Theory]
    [InlineData("not executable", typeof(UnauthorizedAccessException))]
    [InlineData("directory", typeof(UnauthorizedAccessException))]
    [InlineData("no interpreter", typeof(FileNotFoundException))]
    [InlineData("no format", typeof(IOException))]
    [InlineData("missing", typeof(FileNotFoundException))]
    [InlineData("working directory is a file", typeof(DirectoryNotFoundException))]
    [InlineData("arguments too long", typeof(IOException))]
    public void What_cannot_be_started_says_why_and_leaves_nothing(string what, Type exception) => Run(async () =>
    {
        var path = Temporary();
        await File.WriteAllTextAsync(path, what == "no interpreter" ? "#!/no/such/interpreter\n" : "x", TestContext.Current.CancellationToken);
        if (OperatingSystem.IsLinux() && what is ("no interpreter" or "no format"))
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var (program, directory) = what switch
        {
            "directory" => ("/usr", null),
            "missing" => (path + ".no", null),
            "working directory is a file" => ("true", path),
            "arguments too long" => ("true", null),
            _ => (path, (string?)null),
        };
        string[] arguments = what == "arguments too long" ? [new string('x', 5_000_000)] : [];
        await OutputAsync("true"); // whatever is made once
        var before = DescriptorCount;

        var failure = await Assert.ThrowsAsync(exception, async () =>
            await Asyncio.CreateSubprocessExecAsync(program, arguments, s_piped with { WorkingDirectory = directory, StandardError = Stdio.Pipe }));

        Assert.IsType<System.ComponentModel.Win32Exception>(failure.InnerException);
        await Until(() => DescriptorCount <= before); // files of the runtime come and go
        File.Delete(path);
    });

    [Fact]
    public void A_command_line_in_place_of_a_program_is_told_from_a_missing_program() => Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<FileNotFoundException>(Asyncio.CreateSubprocessExecAsync("ls -l"));

        Assert.Contains("CreateSubprocessShellAsync", failure.Message);
    });

    [Fact]
    public void Without_descriptors_a_start_fails_and_leaves_nothing_and_none_is_lost()
    {
        using var program = new ChildProgram(ProgramWithoutDescriptors.Name);

        Assert.Equal((0, "told told told, 6, 0 more", ""), program.WaitForEnd());
    }

    [Fact]
    public void A_block_that_owns_a_process_ends_it() => Run(async () =>
    {
        int id;
        await using (var process = await Asyncio.CreateSubprocessExecAsync("sleep", ["1000"], s_piped))
            id = process.ProcessId;

        Assert.False(Exists(id));
    });

    [Fact]
    public void A_process_that_does_not_listen_is_killed_after_a_while() => Run(async () =>
    {
        var options = s_piped with { GracePeriod = TimeSpan.FromMilliseconds(20) };
        var process = await Asyncio.CreateSubprocessShellAsync("trap '' TERM; echo ready; while true; do sleep 0.01; done", options);
        await process.StandardOutput!.ReadLineAsync();

        await process.DisposeAsync();
        await process.DisposeAsync();

        Assert.Equal(-9, process.ReturnCode);
    });

    [Fact]
    public void Who_is_cancelled_while_a_process_ends_does_not_wait_for_its_grace() => Run(async () =>
    {
        var options = s_piped with { GracePeriod = TimeSpan.FromHours(1) };
        var process = await Asyncio.CreateSubprocessShellAsync("trap '' TERM; echo ready; while true; do sleep 0.01; done", options);
        await process.StandardOutput!.ReadLineAsync();
        var ending = Asyncio.CreateTask(process.DisposeAsync());
        await Expect.Turns(3);

        ending.Cancel();
        await Expect.ThrowsAsync<CanceledException>(ending);

        Assert.Equal(-9, process.ReturnCode);
    });

    [Fact]
    public void A_scope_that_ends_takes_its_process_along() => Run(async () =>
    {
        Subprocess? process = null;
        await Expect.ThrowsAsync<TimeoutException>(async () => await Asyncio.Timeout(3600, async scope =>
        {
            await using var owned = process = await Asyncio.CreateSubprocessExecAsync("sleep", ["1000"]);
            scope.Reschedule(Loop.Time); // only now, as starting it may take its time
            await owned.WaitAsync();
        }));

        Assert.Equal(-15, process!.ReturnCode);
    });

    [Fact]
    public void The_whole_tree_ends_if_asked() => Run(async () =>
    {
        int child;
        var options = s_piped with { KillEntireProcessTree = true };
        await using (var process = await Asyncio.CreateSubprocessShellAsync(
            "trap '' TERM; (trap '' TERM; sleep 1000) & echo $!; wait", options with { GracePeriod = TimeSpan.FromMilliseconds(20) }))
        {
            child = int.Parse(Encoding.UTF8.GetString(await process.StandardOutput!.ReadLineAsync()));
        }
        await Until(() => !Children.Runs(child));

        var other = await Asyncio.CreateSubprocessShellAsync("sleep 1000 & echo $!", options);
        child = int.Parse(Encoding.UTF8.GetString(await other.StandardOutput!.ReadLineAsync()));
        await other.WaitAsync(); // also if it ends by itself
        await Until(() => !Children.Runs(child));
    });

    [Fact]
    public void A_tree_can_be_killed_also_where_nobody_asked_before() => Run(async () =>
    {
        var process = await Asyncio.CreateSubprocessShellAsync("sh -c 'sleep 1000 & echo $!; wait' & wait", s_piped);
        var grandchild = int.Parse(Encoding.UTF8.GetString(await process.StandardOutput!.ReadLineAsync()));

        process.Kill(entireProcessTree: true);

        Assert.Equal(-9, await process.WaitAsync());
        await Until(() => !Children.Runs(grandchild));
    });

    [Fact]
    public void No_process_survives_its_loop_and_the_loop_says_so()
    {
        var log = new LogEntries();
        Loop.Logger = log;
        var process = Loop.RunUntilComplete(Asyncio.CreateSubprocessExecAsync("sleep", ["1000"], s_piped));

        Loop.Close();

        Assert.False(Exists(process.ProcessId));
        Assert.Equal(-9, process.ReturnCode);
        Assert.Contains(log.Take(), entry => entry.Text.Contains($"process {process.ProcessId} (sleep) still ran"));
    }

    [Fact]
    public void A_detached_process_survives_its_loop_and_leaves_no_zombie()
    {
        var process = Loop.RunUntilComplete(Asyncio.CreateSubprocessExecAsync("sleep", ["1000"], new() { Detached = true }));
        Loop.Close();
        Assert.True(Children.Runs(process.ProcessId));
        using (var sleeper = Process.GetProcessById(process.ProcessId))
            sleeper.Kill();

        using var other = new EpollEventLoop();
        while (Exists(process.ProcessId))
            other.RunUntilComplete(OutputAsync("true"));
    }

    [Fact]
    public void Processes_of_dotnet_and_of_the_loop_do_not_disturb_each_other() => Run(async () =>
    {
        const int Count = 20;
        var theirs = Task.WhenAll(Enumerable.Range(0, Count).Select(async i =>
        {
            using var process = Process.Start(new ProcessStartInfo("sh") { ArgumentList = { "-c", $"exit {i}" } })!;
            await process.WaitForExitAsync();
            return process.ExitCode;
        }));
        var ours = Asyncio.Gather(Enumerable.Range(0, Count).Select(async Coroutine<int> (i) =>
        {
            var process = await Asyncio.CreateSubprocessShellAsync($"exit {i}");
            return await process.WaitAsync();
        }));

        Assert.Equal(Enumerable.Range(0, Count), await ours);
        Assert.Equal(Enumerable.Range(0, Count), await theirs);
    });

    [Fact]
    public async Task Every_loop_sees_its_own_children()
    {
        await using EventLoopThread first = new(), second = new();

        var codes = await Task.WhenAll(new[] { first, second }.Select(thread => thread.RunAsync(async () =>
        {
            var codes = new List<int>();
            for (var i = 0; i < 20; i++)
                codes.Add(await (await Asyncio.CreateSubprocessShellAsync($"exit {i}")).WaitAsync());
            return codes;
        })));

        Assert.All(codes, list => Assert.Equal(Enumerable.Range(0, 20), list));
    }

    [Fact]
    public void Thousands_of_children_killed_and_cancelled_at_random_on_several_loops_leave_nothing_and_lose_nothing()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("ASYNCIOSHARP_STRESS_SEED"), out var given) ? given : Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        new ManyChildren(1).Run(30, others: 3); // whatever is made once
        var children = Children.All();
        var before = Targets();

        var many = new ManyChildren(seed);
        many.Run(2000, others: 200);

        Assert.True(many.Wrong.Count == 0, $"seed {seed}: {string.Join(Environment.NewLine, many.Wrong)}");
        Assert.InRange(many.Started, 1600, 2000); // a sixth is cancelled, some of it while it starts
        var remaining = Children.All().Except(children).Select(Children.Describe).ToList();
        Assert.True(remaining.Count == 0, $"seed {seed}: there are zombies: {string.Join("; ", remaining)}");
        var left = Targets();
        before.ForEach(target => left.Remove(target));
        Assert.True(left.Count == 0, $"seed {seed}: descriptors are left: {string.Join(", ", left)}");

        static List<string> Targets()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            // What the runtime loads meanwhile stays open.
            return [.. Descriptors.All()
                .Select(static path => new FileInfo(path).LinkTarget ?? "")
                .Where(static target => !target.EndsWith(".dll", StringComparison.Ordinal))];
        }
    }
}

[Collection(nameof(Alone))]
public sealed class EpollPosixSubprocessTests() : PosixSubprocessTests(new EpollEventLoop());

[Collection(nameof(Alone))]
public sealed class IoUringPosixSubprocessTests() : PosixSubprocessTests(IoUring.NewLoop());
