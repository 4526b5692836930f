using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// The loops of the process that are not closed, for those who look at all of them. It keeps none alive. A loop's place gives it
/// its number, so that a program which runs one loop after the other has one name for them in its metrics.
/// </summary>
internal static class LoopDirectory
{
    private static readonly object s_gate = new();

    // No list: .NET loads a library for those, and this is run at the start of every program.
    private static WeakReference<EventLoop>?[] s_loops = new WeakReference<EventLoop>?[4];

    /// <summary>Lists a loop, and gives it its number: the lowest that no other loop has.</summary>
    public static void Add(EventLoop loop)
    {
        lock (s_gate)
        {
            var place = FreePlace();
            if (place == s_loops.Length)
                Array.Resize(ref s_loops, place * 2);
            loop.Number = place + 1; // before others can find it and ask for its name
            if (s_loops[place] is { } reference)
                reference.SetTarget(loop);
            else
                s_loops[place] = new WeakReference<EventLoop>(loop);
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
                if (reference is null)
                    break; // so are all behind it
                if (reference.TryGetTarget(out var loop) && !loop.IsClosed)
                    loops.Add(loop);
            }
        }
        return loops;
    }

    private static int FreePlace()
    {
        for (var i = 0; i < s_loops.Length; i++)
        {
            if (s_loops[i] is not { } reference || !reference.TryGetTarget(out var other) || other.IsClosed)
                return i;
        }
        return s_loops.Length;
    }
}
