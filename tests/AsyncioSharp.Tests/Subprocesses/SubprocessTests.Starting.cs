namespace AsyncioSharp.Tests.Subprocesses;

// What a process is started with, and what is told where it cannot be.
public abstract partial class SubprocessTests
{
    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_popen_error")]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_popen_error_with_stdin_pipe")]
    public void A_missing_program_is_told_where_it_is_started() => Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<FileNotFoundException>(
            async () => await Asyncio.CreateSubprocessExecAsync("no-such-program", [], Piped));

        Assert.Contains("no-such-program", failure.Message);
        Assert.IsType<System.ComponentModel.Win32Exception>(failure.InnerException);
    });

    [Fact]
    public void A_missing_directory_is_told_where_it_is_started() => Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<DirectoryNotFoundException>(
            async () => await Asyncio.CreateSubprocessExecAsync("true", [], Piped with { WorkingDirectory = "/no/such/place" }));

        Assert.Contains("/no/such/place", failure.Message);
    });

    [Fact]
    public void It_starts_in_another_directory() => Run(async () =>
    {
        var process = await ShellAsync("pwd", Piped with { WorkingDirectory = "/usr" });

        Assert.Equal("/usr\n", Text((await process.CommunicateAsync()).Output));
    });

    [Fact]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_create_subprocess_env_shell")]
    [CPythonTest("test_subprocess.py", "SubprocessMixin", "test_create_subprocess_env_exec")]
    public void The_environment_can_be_replaced_or_changed() => Run(async () =>
    {
        Environment.SetEnvironmentVariable("ASYNCIOSHARP_TEST_INHERITED", "inherited");
        var replaced = Piped with { Environment = new Dictionary<string, string> { ["FOO"] = "bar", ["PATH"] = "/usr/bin:/bin" } };
        var changed = Piped with { EnvironmentChanges = new Dictionary<string, string?> { ["FOO"] = "baz", ["HOME"] = null } };
        const string Command = "echo $FOO,$ASYNCIOSHARP_TEST_INHERITED,$HOME";

        var first = await (await ShellAsync(Command, replaced)).CommunicateAsync();
        var second = await (await ShellAsync(Command, changed)).CommunicateAsync();

        Assert.Equal("bar,,\n", Text(first.Output));
        Assert.Equal("baz,inherited,\n", Text(second.Output));
    });

    [Fact]
    public void Arguments_reach_it_as_they_are() => Run(async () =>
    {
        string[] arguments = ["a b", "\"quoted\"", "$HOME", "*", "", "ü\n", "\\"];
        var process = await Asyncio.CreateSubprocessExecAsync("printf", ["%s|", .. arguments], Piped);

        var (output, _) = await process.CommunicateAsync();

        Assert.Equal(string.Concat(arguments.Select(argument => argument + "|")), Text(output));
    });

    [Fact]
    public void Bad_arguments_are_refused_at_the_call()
    {
        Assert.Throws<ArgumentException>(() => Asyncio.CreateSubprocessExecAsync(""));
        Assert.Throws<ArgumentException>(() => Asyncio.CreateSubprocessExecAsync("true", ["a\0b"]));
        Assert.Throws<ArgumentException>(() => Asyncio.CreateSubprocessExecAsync("true", [], new() { StandardOutput = Stdio.ToStandardOutput }));
        Assert.Throws<ArgumentException>(() => Asyncio.CreateSubprocessExecAsync("true", [], new() { NewSession = true, ProcessGroup = 0 }));
        Assert.Throws<ArgumentException>(
            () => Asyncio.CreateSubprocessExecAsync("true", [], new() { EnvironmentChanges = new Dictionary<string, string?> { ["A=B"] = "" } }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Asyncio.CreateSubprocessExecAsync("true", [], new() { Limit = 0 }));
    }

    [Fact]
    public void Input_without_a_pipe_is_refused_at_the_call() => Run(async () =>
    {
        var process = await Asyncio.CreateSubprocessExecAsync("true");

        Assert.Throws<InvalidOperationException>(() => process.CommunicateAsync(new byte[1]));
        await process.WaitAsync();
    });
}
