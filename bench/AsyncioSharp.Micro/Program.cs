using System.Globalization;

namespace AsyncioSharp.Micro;

/// <summary>
/// Measures one row:   AsyncioSharp.Micro [pump|pump-vt] BENCH COUNT [WARM-UP]
/// Without a first word on AsyncioSharp; "pump" is .NET's Task on one thread, "pump-vt" the same with async ValueTask.
/// Prints JSON lines {"runtime", "bench", "value", "unit"}.
/// </summary>
internal static class Program
{
    private const int LeastCount = 10_000; // a tenth of it is the warm-up's share, and most rows work by the thousand
    private const int SmallStack = 256 * 1024;

    private static int Main(string[] args)
    {
        var runtime = args is ["pump" or "pump-vt", ..] ? args[0] : "";
        if (runtime != "")
            args = args[1..];
        var warmUp = 4.0; // on one core the JIT takes seconds to reach its last tier
        if (args.Length is not (2 or 3)
            || !int.TryParse(args[1], CultureInfo.InvariantCulture, out var count) || count < LeastCount
            || (args.Length == 3 && !double.TryParse(args[2], CultureInfo.InvariantCulture, out warmUp)))
        {
            Console.Error.WriteLine(
                $"usage: AsyncioSharp.Micro [pump|pump-vt] BENCH COUNT [WARM-UP], with COUNT of {LeastCount} or more and WARM-UP in seconds");
            return 2;
        }
        var bench = args[0];
        var known = true;
        // The stack of the deep chains is small enough that a recursion of that depth could not hide on it.
        var thread = new Thread(() => known = Measure(runtime, bench, count, warmUp), bench == "deep" ? SmallStack : 0);
        thread.Start();
        thread.Join();
        return known ? 0 : 2;
    }

    private static bool Measure(string runtime, string bench, int count, double warmUp)
    {
        using Rows rows = runtime == "" ? new OnLoop.LoopRows() : new OnPump.PumpRows(values: runtime == "pump-vt");
        if (bench == "sleep" && rows.BodyOf(bench) is { } sleep)
        {
            MeasureSleepers(rows, sleep, count);
            return true;
        }
        if (rows.Find(bench) is not { } row)
        {
            Console.Error.WriteLine($"{rows.Name} has no row {bench}");
            return false;
        }
        Report(rows, bench, row.Once ? row.Sample(count) : Measuring.BestOfThree(row.Sample, count, warmUp), row.Unit);
        return true;
    }

    // Two figures of one run, which is not repeated: as the peers do it.
    private static void MeasureSleepers(Rows rows, Action<int> sleep, int count)
    {
        var before = Measuring.ProcessMemory("VmRSS");
        Report(rows, "sleep_time", Measuring.Seconds(sleep, count), "s");
        Report(rows, "sleep_rss", (Measuring.ProcessMemory("VmHWM") - before) / count, "B/task");
    }

    private static void Report(Rows rows, string bench, double value, string unit) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"runtime": "{{rows.Name}}", "bench": "{{bench}}", "value": {{value:G5}}, "unit": "{{unit}}"}"""));
}
