using System.Diagnostics;

namespace AsyncioSharp.Micro.OnLoop;

/// <summary>
/// Cancels waiting tasks, a batch after the other. Timed are the calls of Cancel and the turn of the loop in which the
/// tasks unwind and end, and nothing else: neither spawning them nor looking whether all were cancelled.
/// </summary>
internal static class Canceling
{
    public const int Batch = 100_000; // of tasks that wait at once: 17 deep they take some 200 MB

    /// <summary>Tasks whose innermost coroutine, so many below the first, sleeps.</summary>
    public static Coroutine<double> Asleep(int count, int depth) =>
        Cancel(count, waiting => waiting.SpawnAsleep(depth));

    /// <summary>Tasks whose innermost coroutine, so many below the first, waits for a future of its own.</summary>
    public static Coroutine<double> AtFutures(int count, int depth) =>
        Cancel(count, waiting => waiting.SpawnAtFutures(depth));

    private static async Coroutine<double> Cancel(int count, Func<WaitingTasks, Coroutine> spawn)
    {
        var time = TimeSpan.Zero;
        for (var left = count; left > 0; left -= Batch)
        {
            var waiting = new WaitingTasks(Math.Min(left, Batch));
            await spawn(waiting);
            var start = Stopwatch.GetTimestamp();
            await waiting.Cancel();
            time += Stopwatch.GetElapsedTime(start);
            waiting.CheckCanceled();
        }
        return time.TotalNanoseconds / count;
    }
}
