using AsyncioSharp.CompilerServices;

namespace AsyncioSharp;

// What another thread may read while the task runs.
public abstract partial class AsyncioTask
{
    private const int MaxPeekedFrames = 64;

    /// <summary>
    /// The compiled methods of the await stack, from the innermost out; for any thread. What it reads may change meanwhile and be
    /// of no use, but does no harm: the frames' own contents are not touched, and the number of steps is bounded.
    /// </summary>
    internal List<Type> PeekFrames()
    {
        var frames = new List<Type>();
        // A type check, not Frame's cast: when the task completes, something else comes in its place.
        for (var frame = Volatile.Read(ref Content) as CoroutineBox; frame is not null && frames.Count < MaxPeekedFrames; frame = Volatile.Read(ref frame.Parent))
            frames.Add(frame.StateMachineType);
        return frames;
    }
}
