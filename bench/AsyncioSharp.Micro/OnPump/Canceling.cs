using System.Diagnostics;

namespace AsyncioSharp.Micro.OnPump;

/// <summary>
/// Cancels waiting tasks through a token each, a batch after the other. Timed are the calls of Cancel and the turns of the
/// pump in which the tasks end, and nothing else: neither starting them nor looking whether all were cancelled.
/// </summary>
internal static class Canceling
{
    public const int Batch = 100_000;

    /// <summary>Tasks whose innermost method, so many below the first, is in a delay.</summary>
    public static Task<double> Asleep(int count, int depth) =>
        Cancel(count, waiting => waiting.StartAsleep(depth));

    /// <summary>Tasks whose innermost method, so many below the first, awaits a completion source of its own.</summary>
    public static Task<double> AtSources(int count, int depth) =>
        Cancel(count, waiting => waiting.StartAtSources(depth));

    private static async Task<double> Cancel(int count, Action<WaitingTasks> start)
    {
        var time = TimeSpan.Zero;
        for (var left = count; left > 0; left -= Batch)
        {
            var waiting = new WaitingTasks(Math.Min(left, Batch));
            start(waiting);
            var started = Stopwatch.GetTimestamp();
            await waiting.Cancel();
            time += Stopwatch.GetElapsedTime(started);
            waiting.CheckCanceled();
        }
        return time.TotalNanoseconds / count;
    }
}
