using System.Diagnostics;
using System.Globalization;

namespace AsyncioSharp.Micro;

internal static class Measuring
{
    public static double BestOfThree(Func<int, double> sample, int count, double warmUp)
    {
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < warmUp;)
            sample(count / 10);
        var best = double.MaxValue;
        for (var i = 0; i < 3; i++)
            best = Math.Min(best, sample(count));
        return best;
    }

    public static double Seconds(Action<int> body, int count)
    {
        var start = Stopwatch.GetTimestamp();
        body(count);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>The bytes that a run allocated, on whatever thread.</summary>
    public static double Allocated(Action<int> body, int count)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        body(count);
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    /// <summary>A field of /proc/self/status, in bytes.</summary>
    public static double ProcessMemory(string field)
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return 1024 * double.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
