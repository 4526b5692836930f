using System.Diagnostics;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace AsyncioSharp.Tests.Examples;

/// <summary>The examples that start a PostgreSQL or Redis server for themselves.</summary>
[Collection(nameof(ExampleCollection))]
public partial class DatabaseExampleTests(ExampleBuilds examples)
{
    [Fact]
    public async Task Every_job_of_the_queue_is_done_once()
    {
        SkipWithoutPostgres();
        var output = await examples.RunAsync("postgres", "--jobs", "120");
        Assert.Equal(("", 0), (output.StandardError, output.ExitCode));
        Assert.Matches(
            @"^PostgreSQL runs on port \d+\.\n50 done\n100 done\n120 jobs done in [\d.]+ s by 20 workers on one thread, 0 left, 0 given back; the sum of their results is 583220\.\n$",
            output.StandardOutput);
    }

    [Fact]
    public async Task Ctrl_C_gives_jobs_in_progress_back_to_the_queue()
    {
        SkipWithoutPostgres();
        using var program = await examples.StartAsync("postgres", "--forever");
        await ReadToAsync(program, "50 done");
        var output = await InterruptAsync(program);
        Assert.Equal(("", 0), (output.StandardError, output.ExitCode));
        var report = Report().Match(output.StandardOutput);
        Assert.True(report.Success, output.StandardOutput);
        // Those that were done are in the table, with the numbers from 1 up to about as many.
        Assert.InRange(int.Parse(report.Groups[1].Value), 50, 100_000);
        Assert.True(int.Parse(report.Groups[2].Value) >= int.Parse(report.Groups[3].Value), output.StandardOutput);
        Assert.EndsWith("Bye.\n", output.StandardOutput);
    }

    [Theory]
    [InlineData("usage: postgres [CONNECTION STRING] [--jobs N | --forever]", "--jobs", "none")]
    [InlineData("postgres: Failed to connect to 127.0.0.1:1", "Host=127.0.0.1;Port=1;Username=nobody")]
    public async Task What_cannot_work_is_told_in_one_line(string message, params string[] arguments)
    {
        var output = await examples.RunAsync("postgres", arguments);
        Assert.Equal(("", 2), (output.StandardOutput, output.ExitCode));
        Assert.Equal(message, output.StandardError.TrimEnd());
    }

    [Fact]
    public async Task The_Redis_client_pipelines_pools_and_subscribes()
    {
        SkipWithoutRedis();
        var output = await examples.RunAsync("redis");
        Assert.Equal(("", 0), (output.StandardError, output.ExitCode));
        Assert.Matches(@"^counted to 10000 in [\d.]+ s, \d{1,3} writes for 10002 commands\n", output.StandardOutput);
        Assert.EndsWith(
            """
            refused: ERR value is not an integer or out of range
            taken through a pool of 4: job 0, job 1, job 2, job 3, job 4, job 5, job 6, job 7
            given up in time: True; answer to the next command: PONG
            news: message 1
            news: message 2
            news: message 3

            """.ReplaceLineEndings("\n"), output.StandardOutput);
    }

    [Fact]
    public async Task The_Redis_client_listens_until_Ctrl_C()
    {
        SkipWithoutRedis();
        using var program = await examples.StartAsync("redis", "--listen");
        var port = int.Parse((await ReadToAsync(program, "listening on port ")).Split(' ')[^1]);
        using (var client = new TcpClient("127.0.0.1", port))
            client.Client.Send("PUBLISH example:news \"from elsewhere\"\r\n"u8);
        await ReadToAsync(program, "news: from elsewhere");
        var output = await InterruptAsync(program);
        Assert.Equal(("", 0), (output.StandardError, output.ExitCode));
        Assert.EndsWith("Bye.\n", output.StandardOutput);
        Assert.ThrowsAny<SocketException>(() => new TcpClient("127.0.0.1", port).Dispose()); // the server has ended too
    }

    private static async Task<string> ReadToAsync(RunningProgram program, string beginning)
    {
        while (await program.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(beginning, StringComparison.Ordinal))
                return line;
        }
        Assert.Fail($"It has ended without a line that begins with '{beginning}': {await program.WaitAsync()}");
        return "";
    }

    private static async Task<ProgramOutput> InterruptAsync(RunningProgram program)
    {
        using (var kill = Process.Start("kill", ["-INT", $"{program.Id}"]))
            await kill.WaitForExitAsync();
        return await program.WaitAsync();
    }

    private static void SkipWithoutPostgres() =>
        Assert.SkipUnless(Directory.Exists("/usr/lib/postgresql"), "PostgreSQL is not installed (on Debian: apt-get install postgresql).");

    private static void SkipWithoutRedis() =>
        Assert.SkipUnless(File.Exists("/usr/bin/redis-server"), "Redis is not installed (on Debian: apt-get install redis-server).");

    [GeneratedRegex(@"\n(\d+) jobs done in [\d.]+ s by 20 workers on one thread, (\d+) left, (\d+) given back; the sum of their results is \d+\.\n")]
    private static partial Regex Report();
}
