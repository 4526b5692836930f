using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>Where a task waits for its next turn, and for nothing else.</summary>
internal sealed class YieldSuspension : Suspension
{
    public static readonly YieldSuspension Instance = new();

    internal override void Begin(CoroutineBox parent, long token)
    {
        var task = parent.Loop.CurrentTask!;
        if (!ReferenceEquals(task.Frame, parent))
            task.Frame = parent;
        task.MakeReady();
    }

    protected override void OnParked(AsyncioTask task, long argument) => task.MakeReady();

    protected override void OnCanceled(AsyncioTask task) { }
}
