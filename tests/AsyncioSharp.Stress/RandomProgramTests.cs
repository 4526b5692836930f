using System.Diagnostics;
using System.Globalization;
using AsyncioSharp.Stress.Searching;

namespace AsyncioSharp.Stress;

/// <summary>
/// Programs made at random from tasks, groups, timeouts, locks, queues and more, each cancelled at each of its steps in turn.
/// Whatever happens: nothing waits for ever without reason, nothing that was entered is not left, no item, no place, no
/// cancellation and no exception gets lost.
/// </summary>
public sealed class RandomProgramTests(ITestOutputHelper output)
{
    private const int Count = 100_000;

    [Fact]
    public void Random_programs_cancelled_at_every_step_keep_all_accounts()
    {
        var seed = Setting("ASYNCIOSHARP_STRESS_SEED", 1);
        // Half of the machine: the other suites run beside this one, and some of them look at the clock.
        var threads = Math.Max(1, Environment.ProcessorCount / 2);
        var search = new Search(seed, Setting("ASYNCIOSHARP_STRESS_COUNT", Count), threads);
        var start = Stopwatch.GetTimestamp();

        var failure = search.Run();

        var taken = Stopwatch.GetElapsedTime(start);
        output.WriteLine($"{search.Programs} programs from seed {seed}, {search.Runs} runs, {taken.TotalSeconds:F0} s");
        Assert.True(failure is null, failure);
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
