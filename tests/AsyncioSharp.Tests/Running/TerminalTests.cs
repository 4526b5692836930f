using System.Diagnostics;
using System.Text.Json;

namespace AsyncioSharp.Tests;

/// <summary>Programs and their children on a terminal, where somebody types.</summary>
public sealed class TerminalTests
{
    private const string CtrlC = "\u0003", CtrlZ = "\u001a";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    public TerminalTests() =>
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/python3"), "it is python3 that makes the terminal");

    // The script is beside this file's assembly as a resource, so that it needs no place.
    private static async Task<string> RunAsync(string program, params string[][] steps)
    {
        using var script = new StreamReader(typeof(TerminalTests).Assembly.GetManifestResourceStream("terminal.py")!);
        var start = new ProcessStartInfo("/usr/bin/python3") { RedirectStandardOutput = true };
        List<string> arguments = ["-c", await script.ReadToEndAsync(), JsonSerializer.Serialize(steps), Environment.ProcessPath!];
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
            arguments.Add(typeof(TerminalTests).Assembly.Location);
        arguments.ForEach(start.ArgumentList.Add);
        start.Environment[ChildProgram.Variable] = TerminalPrograms.Prefix + program;
        start.Environment["TERM"] = "dumb"; // whose terminal takes no sequences
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(s_patience);
        await process.WaitForExitAsync().WaitAsync(s_patience);
        return output;
    }

    [Fact]
    public async Task Ctrl_C_reaches_the_child_in_the_foreground_too()
    {
        var output = await RunAsync("child in the foreground", ["ready", CtrlC]);

        Assert.Matches("child gave -(2|15)\n", output); // by the terminal, or by the block that owns it
        Assert.EndsWith("shell: exit code 130, terminal same\n\n", output);
    }

    [Fact]
    public async Task Ctrl_C_does_not_reach_a_child_in_a_group_of_its_own_which_its_owner_ends()
    {
        var output = await RunAsync("child in a group of its own", ["ready", CtrlC]);

        Assert.Contains("child gave -15\n", output);
        Assert.EndsWith("shell: exit code 130, terminal same\n\n", output);
    }

    [Fact]
    public async Task A_child_reads_from_the_terminal_and_then_the_program()
    {
        var output = await RunAsync("child reads", ["ready", "some words\n"], ["child gave 0", "more words\n"]);

        Assert.Contains("child read some words\n", output);
        Assert.Contains("then the program read more words\n", output);
        Assert.EndsWith("shell: exit code 0, terminal same\n\n", output);
    }

    [Fact]
    public async Task A_child_changes_the_terminal_and_back()
    {
        var output = await RunAsync("child changes the terminal", ["ready", "x"]);

        Assert.Contains("child gave 0\n", output);
        Assert.EndsWith("shell: exit code 0, terminal same\n\n", output);
    }

    [Fact]
    public async Task Stopped_and_continued_by_the_shell_it_goes_on()
    {
        var output = await RunAsync("child in a group of its own", ["ready", CtrlZ], ["shell: stopped", CtrlC]);

        Assert.Contains("child gave -15\n", output);
        Assert.EndsWith("shell: exit code 130, terminal same\n\n", output);
    }

    [Fact]
    public async Task The_second_Ctrl_C_ends_it_at_once_and_leaves_the_terminal_as_it_was()
    {
        var output = await RunAsync("ignores", ["ready", CtrlC], ["ignored", CtrlC]);

        Assert.EndsWith("shell: signal 2, terminal same\n\n", output);
    }
}
