using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace AsyncioSharp.Tests.Examples;

[Collection(nameof(ExampleCollection))]
public partial class CrawlerTests(ExampleBuilds examples)
{
    // Without the times, which differ, and the bytes of a page's text, which do not matter.
    private static readonly string[] s_table =
    [
        "200 400",
        "301 10",
        "404 1",
        "500 1",
        "cut short 1",
        "redirect loop 2",
        "timeout 1",
        "all 416",
    ];

    private static readonly string[] s_problems =
    [
        "cut short     /broken/cut-short  (on /)",
        "500           /broken/error  (on /)",
        "redirect loop /circle/east  (on /)",
        "redirect loop /circle/west  (on /circle/east)",
        "404           /missing  (on /)",
        "timeout       /silent  (on /)",
    ];

    /// <summary>The readme's first command, word for word.</summary>
    [Fact]
    public async Task Dotnet_run_crawls_the_site_to_practise_on()
    {
        await examples.StartAsync("crawler"); // built beforehand, so that two builds do not meet
        using var program = new RunningProgram("dotnet", ["run", "examples/crawler.cs"]);
        var output = await program.WaitAsync();
        Assert.Equal("", output.StandardError);
        Assert.Equal(0, output.ExitCode);
        AssertCrawledAll(output);
        Assert.StartsWith("Serving a site to practise on at http://127.0.0.1:", output.StandardOutput, StringComparison.Ordinal);
        Assert.Matches(@"One by one they would have taken up to \d+\.\d s, the sum of their times: up to \d+\.\d times as long\.",
            output.StandardOutput);
    }

    [Fact]
    public async Task Concurrency_and_retries_change_the_time_only()
    {
        // More patience than by default: with a hundred pages at a time on a busy machine each may take a while.
        var output = await examples.RunAsync("crawler", "--concurrency=100", "--retries", "3", "--timeout", "2", "--progress");
        Assert.Equal("", output.StandardError);
        Assert.Equal(0, output.ExitCode);
        AssertCrawledAll(output);
        Assert.Matches(@"\d+\.\d s  \d+ done, \d+ running, \d+ waiting, \d+ retries\n", output.StandardOutput);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 44)] // the front page, 30 topics, 5 slow pages, 7 others, and the second half of the circle
    public async Task Depth_limits_how_far_links_are_followed(int depth, int pages)
    {
        var output = await examples.RunAsync("crawler", "--depth", $"{depth}", "--timeout=2", "--retries=2");
        Assert.Matches($@"^Done after \d+\.\d\d s: {pages} pages of 127\.0\.0\.1, \d+ retries\.$", Lines(output)[1]);
        Assert.Equal(0, output.ExitCode);
    }

    [Fact]
    public async Task Help_lists_the_options()
    {
        var output = await examples.RunAsync("crawler", "--help");
        Assert.Contains("--concurrency N", output.StandardOutput, StringComparison.Ordinal);
        Assert.Equal(("", 0), (output.StandardError, output.ExitCode));
    }

    [Theory]
    [InlineData("there is no option --bogus. See --help.", "--bogus")]
    [InlineData("--depth needs a whole number, 0 or more. See --help.", "--depth")]
    [InlineData("--depth needs a whole number, 0 or more. See --help.", "--depth", "-1")]
    [InlineData("--concurrency needs a whole number, 1 or more. See --help.", "--concurrency=0")]
    [InlineData("--retries needs a whole number, 0 or more. See --help.", "--retries", "many")]
    [InlineData("--timeout needs a number of seconds above 0. See --help.", "--timeout", "0")]
    [InlineData("--timeout needs a number of seconds above 0. See --help.", "--timeout", "NaN")]
    [InlineData("'example.org' is not a URL that begins with http:// or https://. See --help.", "example.org")]
    [InlineData("'ftp://example.org/' is not a URL that begins with http:// or https://. See --help.", "ftp://example.org/")]
    [InlineData("'http://' is not a URL that begins with http:// or https://. See --help.", "http://")]
    [InlineData("there can be one URL only, so what is 'http://b/'? See --help.", "http://a/", "http://b/")]
    [InlineData("cannot reach http://nowhere.invalid/ (no connection): *", "http://nowhere.invalid/")]
    public async Task What_cannot_work_is_told_in_one_line(string message, params string[] arguments)
    {
        AssertFailed(message, await examples.RunAsync("crawler", arguments));
    }

    [Fact]
    public async Task A_server_that_is_not_there_or_says_nothing_is_unreachable()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start(); // accepts nobody
        var endPoint = socket.LocalEndpoint;
        var address = $"http://{endPoint}/";
        AssertFailed($"cannot reach {address} (timeout): no answer within 0.3 s",
            await examples.RunAsync("crawler", address, "--timeout", "0.3", "--retries", "1"));
        socket.Stop();
        AssertFailed($"cannot reach {address} (no connection): Connecting to {endPoint} failed: Connection refused",
            await examples.RunAsync("crawler", address));
    }

    [Fact]
    public async Task Ctrl_C_stops_it_at_once_with_a_summary()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sends SIGINT with kill.");
        // Would take half a minute, and a hundred seconds for the silent page.
        using var program = await examples.StartAsync("crawler", "--concurrency=2", "--timeout=100", "--progress");
        while (await program.ReadLineAsync() is { } line && !Regex.IsMatch(line, @" [1-9]\d* done, "))
        {
        }
        var clock = Stopwatch.StartNew();
        using (var kill = Process.Start("kill", ["-INT", $"{program.Id}"]))
            await kill.WaitForExitAsync();
        var output = await program.WaitAsync();
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"It took {clock.Elapsed.TotalSeconds} s.");
        Assert.Equal(("", 130), (output.StandardError, output.ExitCode));
        Assert.Matches(@"\nInterrupted after \d+\.\d\d s: [1-9]\d* pages of 127\.0\.0\.1, \d+ retries\.\n", output.StandardOutput);
        Assert.Contains(Lines(output), line => line.StartsWith("200 ", StringComparison.Ordinal));
    }

    private static void AssertCrawledAll(ProgramOutput output)
    {
        var lines = Lines(output);
        var header = Array.FindIndex(lines, line => line.StartsWith("status ", StringComparison.Ordinal));
        Assert.Matches(@"^status +pages +bytes +median +p99$", lines[header]);
        var rows = lines.Skip(header + 1).Take(s_table.Length).ToArray();
        Assert.All(rows, row => Assert.Matches(TableRow(), row));
        Assert.Equal(s_table, rows.Select(row => TableRow().Replace(row, "$1 $2")));
        Assert.Equal(s_problems, lines.Skip(header + 1 + s_table.Length).Take(s_problems.Length));
    }

    private static void AssertFailed(string message, ProgramOutput output)
    {
        Assert.Equal(("", 2), (output.StandardOutput, output.ExitCode));
        var line = Assert.Single(output.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        if (message.EndsWith('*'))
            Assert.StartsWith($"crawler: {message[..^1]}", line, StringComparison.Ordinal);
        else
            Assert.Equal($"crawler: {message}", line);
    }

    private static string[] Lines(ProgramOutput output) => output.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"^(\S.*?) +(\d+) +[\d,]+ +\d+\.\d ms +\d+\.\d ms$")]
    private static partial Regex TableRow();
}
