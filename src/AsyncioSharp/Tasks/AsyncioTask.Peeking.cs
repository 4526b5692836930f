using AsyncioSharp.CompilerServices;

namespace AsyncioSharp;

// What another thread may read while the task runs.
public abstract partial class AsyncioTask
{
    private const int MaxPeekedFrames = 64;

    /// <summary>
    /// The await stack without the library's own frames, from the innermost out; for any thread. What it reads may change meanwhile and
    /// be of no use, but does no harm: a frame keeps its type when it is reused, of its state a copy is looked at, of which
    /// every field by itself is whole, and the number of steps is bounded.
    /// </summary>
    internal List<CallGraphFrame> PeekFrames()
    {
        var frames = new List<CallGraphFrame>();
        var steps = 0;
        for (var frame = InnermostFrame; frame is not null && steps < MaxPeekedFrames; frame = Volatile.Read(ref frame.Parent))
        {
            if (frame.StateMachineType.Assembly != typeof(AsyncioTask).Assembly && frame.StateMachineCopy is { } machine)
                frames.Add(StateMachines.Frame(machine, isRunning: steps == 0));
            steps++;
        }
        return frames;
    }
}
