using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace AsyncioSharp.Tests.Examples;

/// <summary>The examples in .NET's generic host: used, and stopped with Ctrl-C.</summary>
[Collection(nameof(ExampleCollection))]
public partial class HostingExampleTests(ExampleBuilds examples)
{
    [Fact]
    public async Task The_worker_runs_two_services_and_both_finish_when_it_is_stopped()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sends SIGINT with kill.");
        using var program = await examples.StartAsync("worker_service", "--Echo:Port=0", "--Heartbeat:Interval=00:00:00.02");
        var port = await ReadPortAsync(program);
        using var client = new TcpClient("127.0.0.1", port);
        var reader = new StreamReader(client.GetStream());
        client.Client.Send("hello\n"u8);
        Assert.Equal("hello", await reader.ReadLineAsync());
        await ReadToAsync(program, "beat 2");

        await InterruptAsync(program);
        Assert.Equal("The server stops. Bye.\n", await reader.ReadToEndAsync());
        var output = await program.WaitAsync();
        Assert.Equal(("", 0), (output.StandardError, output.ExitCode));
        Assert.Matches(@"The heart has stopped after \d+ beats\.", output.StandardOutput);
    }

    [Fact]
    public async Task The_api_keeps_its_state_on_a_loop()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sends SIGINT with kill.");
        using var program = await examples.StartAsync("rest_api", "--urls", "http://127.0.0.1:0");
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{await ReadPortAsync(program)}/") };

        // Many at once: none is lost.
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => client.PostAsync("counters/apples", null)));
        Assert.Equal("""{"apples":100}""", await client.GetStringAsync("counters"));
        Assert.Equal("Healthy", await client.GetStringAsync("health"));

        using var started = await client.PostAsync("jobs?steps=3", null);
        Assert.Equal((HttpStatusCode.Accepted, "/jobs/1"), (started.StatusCode, started.Headers.Location?.OriginalString));
        var events = await client.GetStringAsync("jobs/1/progress");
        Assert.EndsWith("""
            event: progress
            data: {"steps":3,"done":3,"status":"finished"}
            """, events.TrimEnd('\n').ReplaceLineEndings("\n"));
        Assert.Equal("""{"steps":3,"done":3,"status":"finished"}""", await client.GetStringAsync("jobs/1"));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("jobs/9")).StatusCode);

        await client.PostAsync("jobs?steps=10000", null);
        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync("jobs/2")).StatusCode);
        Assert.Contains("\"cancelled\"", await client.GetStringAsync("jobs/2"), StringComparison.Ordinal);

        // One that is watched when the program is stopped.
        await client.PostAsync("jobs?steps=10000", null);
        using var watching = new StreamReader(await client.GetStreamAsync("jobs/3/progress"));
        Assert.Equal("event: progress", await watching.ReadLineAsync());
        await InterruptAsync(program);
        Assert.Contains("\"cancelled\"", await watching.ReadToEndAsync(), StringComparison.Ordinal);
        var output = await program.WaitAsync();
        Assert.Equal(("", 0), (output.StandardError, output.ExitCode));
        Assert.Matches(@"Job 3 was cancelled after \d+ of 10000 steps\.", output.StandardOutput);
    }

    private static async Task<int> ReadPortAsync(RunningProgram program)
    {
        for (; ; )
        {
            var line = await program.ReadLineAsync() ?? throw new InvalidOperationException("The program has ended.");
            if (Port().Match(line) is { Success: true } match)
                return int.Parse(match.Groups[1].Value);
        }
    }

    private static async Task ReadToAsync(RunningProgram program, string text)
    {
        while (await program.ReadLineAsync() is { } line && !line.Contains(text, StringComparison.Ordinal))
        {
        }
    }

    private static async Task InterruptAsync(RunningProgram program)
    {
        using var kill = Process.Start("kill", ["-INT", $"{program.Id}"]);
        await kill.WaitForExitAsync();
    }

    [GeneratedRegex(@"127\.0\.0\.1:(\d+)")]
    private static partial Regex Port();
}
