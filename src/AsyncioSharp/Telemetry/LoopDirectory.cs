using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// The loops of the process that are not closed, for those who look at all of them. It keeps none alive. A loop's place gives it
/// its number, so that a program which runs one loop after the other has one name for them in its metrics.
/// </summary>
internal static class LoopDirectory
{
    private static readonly object s_gate = new();
    private static readonly List<WeakReference<EventLoop>> s_loops = [];

    /// <summary>Lists a loop.</summary>
    /// <returns>Its number: the lowest that no other loop has.</returns>
    public static int Add(EventLoop loop)
    {
        lock (s_gate)
        {
            for (var i = 0; i < s_loops.Count; i++)
            {
                if (!s_loops[i].TryGetTarget(out var other) || other.IsClosed)
                {
                    s_loops[i].SetTarget(loop);
                    return i + 1;
                }
            }
            s_loops.Add(new WeakReference<EventLoop>(loop));
            return s_loops.Count;
        }
    }

    /// <summary>The loops that are not closed.</summary>
    public static List<EventLoop> Snapshot()
    {
        var loops = new List<EventLoop>();
        lock (s_gate)
        {
            foreach (var reference in s_loops)
            {
                if (reference.TryGetTarget(out var loop) && !loop.IsClosed)
                    loops.Add(loop);
            }
        }
        return loops;
    }
}
