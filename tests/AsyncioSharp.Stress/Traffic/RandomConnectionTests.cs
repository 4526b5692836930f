using System.Diagnostics;
using System.Globalization;

namespace AsyncioSharp.Stress.Traffic;

/// <summary>
/// Connections made at random: both ends write pieces of all sizes, from tasks and callbacks, drain, flush, send files, read in all ways,
/// cancel that, pause, move between loops, become encrypted, end one side first or abort. What arrives is what was written, all of it unless
/// somebody has aborted, and every end comes to its end.
/// </summary>
public sealed class RandomConnectionTests(ITestOutputHelper output)
{
    private const int Seconds = 1;

    [Theory]
    [InlineData(LoopKind.Epoll, false)]
    [InlineData(LoopKind.Epoll, true)]
    [InlineData(LoopKind.IoUring, false)]
    [InlineData(LoopKind.IoUring, true)]
    [InlineData(LoopKind.Portable, false)]
    [InlineData(LoopKind.Portable, true)]
    public async Task What_arrives_is_what_was_written(LoopKind kind, bool moves)
    {
        Assert.SkipWhen(kind == LoopKind.Epoll && !OperatingSystem.IsLinux(), "epoll is Linux's.");
        Assert.SkipWhen(kind == LoopKind.IoUring && !IoUringEventLoop.IsSupported, "io_uring is not to be had here.");
        var file = Material.WriteFile();
        var first = Setting("ASYNCIOSHARP_STRESS_SEED", 1 + (int)kind * 1000);
        var count = Setting("ASYNCIOSHARP_STRESS_COUNT", int.MaxValue);
        var time = TimeSpan.FromSeconds(Setting("ASYNCIOSHARP_STRESS_SECONDS", Seconds));
        var start = Stopwatch.GetTimestamp();
        var programs = 0;
        try
        {
            for (; programs < count && Stopwatch.GetElapsedTime(start) < time; programs++)
            {
                var failure = await ConnectionProgram.RunAsync(kind, first + programs, moves, file);
                Assert.True(failure is null, failure);
            }
        }
        finally
        {
            File.Delete(file);
        }
        output.WriteLine($"{programs} programs from seed {first}");
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
