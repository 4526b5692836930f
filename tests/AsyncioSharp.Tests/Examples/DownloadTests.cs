using System.Diagnostics;
using System.Text.RegularExpressions;

namespace AsyncioSharp.Tests.Examples;

[Collection(nameof(ExampleCollection))]
public sealed class DownloadTests(ExampleBuilds examples) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("download").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Interrupted_it_goes_on_where_it_was()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sends SIGINT with kill.");
        using var first = await examples.StartAsync("download", "--to", _folder, "--at-once", "8");
        while (await first.ReadLineAsync() is { } line && !line.StartsWith("file1.bin", StringComparison.Ordinal))
        {
        }
        Interrupt(first);
        var interrupted = await first.WaitAsync();
        Assert.Equal(("", 130), (interrupted.StandardError, interrupted.ExitCode));
        Assert.Matches(@"\nInterrupted: [1-7] of 8 files are complete, in .*\nRun it again to go on\.\n$", interrupted.StandardOutput);
        var parts = Directory.GetFiles(_folder, "*.part")
            .ToDictionary(part => Path.GetFileNameWithoutExtension(part), part => new FileInfo(part).Length);
        Assert.NotEmpty(parts);

        var output = await examples.RunAsync("download", "--to", _folder);
        Assert.Equal(("", 0), (output.StandardError, output.ExitCode));
        Assert.EndsWith($"8 of 8 files are complete, in {_folder}.\n", output.StandardOutput);
        foreach (var (name, length) in parts.Where(part => part.Value > 0))
            Assert.Matches($@"{Regex.Escape(name)} complete, \d+ bytes, of which {length} were there\n", output.StandardOutput);
        AssertComplete();
    }

    [Fact]
    public async Task A_line_that_is_cut_is_mended()
    {
        var output = await examples.RunAsync("download", "--to", _folder, "--at-once", "8");
        Assert.Equal(("", 0), (output.StandardError, output.ExitCode));
        Assert.Contains("file3.bin complete, 300003 bytes", output.StandardOutput, StringComparison.Ordinal); // the site hung up in its middle
        AssertComplete();
    }

    [Fact]
    public async Task What_is_not_there_fails_alone()
    {
        using var site = await examples.StartAsync("download", "--to", Path.Combine(_folder, "slow"), "--at-once", "1");
        var address = Regex.Match(await site.ReadLineAsync() ?? "", "http://.*/").Value;
        var output = await examples.RunAsync("download", "--to", _folder, $"{address}file1.bin", $"{address}nothing.bin");
        Assert.Equal(1, output.ExitCode);
        Assert.Contains("file1.bin complete, 100001 bytes\n", output.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("nothing.bin: The server says 404 Not Found.\n1 of 2 files are complete", output.StandardOutput, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--at-once", "0")]
    [InlineData("ftp://example.org/")]
    [InlineData("--help")]
    public async Task Arguments_that_it_does_not_know_are_answered_with_help(params string[] arguments)
    {
        var output = await examples.RunAsync("download", arguments);
        Assert.Equal(2, output.ExitCode);
        Assert.Contains("Usage:", output.StandardError, StringComparison.Ordinal);
    }

    private void AssertComplete()
    {
        Assert.Equal(8, Directory.GetFiles(_folder).Length);
        for (var i = 1; i <= 8; i++)
        {
            var data = File.ReadAllBytes(Path.Combine(_folder, $"file{i}.bin"));
            var length = (100_000 * i) + i;
            Assert.Equal(length, data.Length);
            for (var place = 0; place < length; place++)
            {
                if (data[place] != (byte)((place * 31) + (place >> 8) + length))
                    Assert.Fail($"file{i}.bin is wrong at {place}.");
            }
        }
    }

    private static void Interrupt(RunningProgram program)
    {
        using var kill = Process.Start("kill", ["-INT", $"{program.Id}"]);
        kill.WaitForExit();
    }
}
