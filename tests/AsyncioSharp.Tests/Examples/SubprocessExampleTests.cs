using System.Diagnostics;

namespace AsyncioSharp.Tests.Examples;

/// <summary>The examples that start processes, run and interrupted.</summary>
[Collection(nameof(ExampleCollection))]
public class SubprocessExampleTests(ExampleBuilds examples)
{
    private const string Interrupt = "-INT", Termination = "-TERM";

    [Fact]
    public async Task A_pipeline_moves_everything()
    {
        var output = await examples.RunAsync("pipeline", "3");

        Assert.Equal("1 of 3 MB\n2 of 3 MB\n3 of 3 MB\n", output.StandardError);
        Assert.Matches(@"^3000000 bytes were packed into (\d+); wc counted \1; exit codes 0, 0, 0\n$", output.StandardOutput);
        Assert.Equal(0, output.ExitCode);
    }

    [Fact]
    public async Task A_pipeline_is_interrupted()
    {
        using var program = await examples.StartAsync("pipeline", "1000000");
        await Task.Delay(500, TestContext.Current.CancellationToken); // until it is under way; if it is not, it ends likewise

        Send(program, Interrupt);

        Assert.Equal(130, (await program.WaitAsync()).ExitCode);
    }

    [Fact]
    public async Task Many_jobs_are_run_and_their_ends_told()
    {
        var output = await examples.RunAsync("run_many", "-j", "2", "-t", "0.5", "echo one", "exit 3", "sleep 1000", "kill -9 $$");

        Assert.Contains("ok: echo one (", output.StandardOutput);
        Assert.Contains("): one\n", output.StandardOutput);
        Assert.Contains("exit code 3: exit 3 (", output.StandardOutput);
        Assert.Contains("took too long: sleep 1000 (", output.StandardOutput);
        Assert.Contains("signal 9: kill -9 $$ (", output.StandardOutput);
        Assert.EndsWith("1 of 4 jobs went well\n", output.StandardOutput);
        Assert.Equal((1, ""), (output.ExitCode, output.StandardError));
    }

    [Theory]
    [InlineData(Interrupt, 130)]
    [InlineData(Termination, 143)]
    public async Task Jobs_end_with_the_program_that_is_interrupted(string signal, int exitCode)
    {
        var marker = $"1000.{Random.Shared.Next(1_000_000)}";
        using var program = await examples.StartAsync("run_many", "-j", "2", "true", $"sleep {marker} & sleep {marker}; wait");
        await program.ReadLineAsync(); // that the first has ended: the other begins
        await Until(() => IsRunning(marker));

        Send(program, signal);

        var output = await program.WaitAsync();
        Assert.Equal((exitCode, "interrupted: 1 of 2 jobs had ended\n"), (output.ExitCode, output.StandardError));
        await Until(() => !IsRunning(marker)); // killed together, they do not end at one moment
    }

    private static void Send(RunningProgram program, string signal)
    {
        using var kill = Process.Start("kill", [signal, $"{program.Id}"]);
        kill.WaitForExit();
    }

    private static bool IsRunning(string marker) => Directory.EnumerateDirectories("/proc").Any(directory =>
    {
        try
        {
            return File.ReadAllText($"{directory}/cmdline").StartsWith($"sleep\0{marker}", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    });
}
