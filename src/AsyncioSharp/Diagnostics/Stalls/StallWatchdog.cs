using System.Diagnostics;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// One thread in the process that looks at all running loops which have a <see cref="EventLoop.StallThreshold"/>, a few times in
/// the shortest threshold. The loops do nothing for it but count, which they do anyway.
/// </summary>
internal static class StallWatchdog
{
    private const int LooksInThreshold = 4;

    private static readonly TimeSpan s_shortestPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(250);
    private static readonly object s_gate = new();
    private static readonly List<WatchedLoop> s_loops = [];
    private static bool s_started;

    /// <summary>Begins to watch a loop, on its thread.</summary>
    public static WatchedLoop Watch(EventLoop loop, TimeSpan threshold)
    {
        var watched = new WatchedLoop(loop, threshold);
        lock (s_gate)
        {
            if (!s_started)
            {
                new Thread(Run) { Name = "AsyncioSharp stall watchdog", IsBackground = true }.UnsafeStart();
                s_started = true; // not before: where no thread was to be had, the next loop tries again
            }
            s_loops.Add(watched);
            Monitor.Pulse(s_gate); // the pause may have become shorter
        }
        return watched;
    }

    private static void Run()
    {
        var loops = new List<WatchedLoop>();
        var last = Stopwatch.GetTimestamp();
        for (; ; )
        {
            var pause = Pause(loops);
            var now = Stopwatch.GetTimestamp();
            var elapsed = Stopwatch.GetElapsedTime(last, now);
            last = now;
            // If this thread has slept for much longer, so has the loop's, most likely: the process was stopped, or the
            // machine. That is not the loop's fault.
            if (elapsed > pause * 2)
                elapsed = pause * 2;
            LookAt(loops, elapsed);
        }
    }

    // Apart from Run, which never returns and would hold the last loop in a variable.
    private static void LookAt(List<WatchedLoop> loops, TimeSpan elapsed)
    {
        foreach (var loop in loops)
            Look(loop, elapsed);
    }

    private static void Look(WatchedLoop loop, TimeSpan elapsed)
    {
        try
        {
            loop.Look(elapsed);
        }
        catch (Exception e)
        {
            loop.ReportFailure(e); // to watch must not end the process
        }
    }

    /// <summary>Waits until it is time to look, and lists what there is to look at.</summary>
    private static TimeSpan Pause(List<WatchedLoop> loops)
    {
        lock (s_gate)
        {
            s_loops.RemoveAll(static loop => loop.IsDone);
            loops.Clear(); // it must not keep a loop that has ended, however long there is no other
            while (s_loops.Count == 0)
                Monitor.Wait(s_gate);
            var pause = s_longestPause;
            foreach (var loop in s_loops)
            {
                if (loop.Threshold / LooksInThreshold < pause)
                    pause = loop.Threshold / LooksInThreshold;
            }
            if (pause < s_shortestPause)
                pause = s_shortestPause;
            Monitor.Wait(s_gate, pause);
            loops.AddRange(s_loops);
            return pause;
        }
    }
}
