using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>Where tasks wait for a time. The tasks themselves stand in the loop's timer heap.</summary>
internal sealed class SleepSuspension : Suspension
{
    public static readonly SleepSuspension Instance = new();

    internal override void Begin(CoroutineBox parent, long token)
    {
        var loop = parent.Loop;
        var task = loop.CurrentTask!;
        task.Park(parent, this);
        loop.Timers.Add(task, loop.Deadline(TimeSpan.FromTicks(token)));
    }

    protected override void OnParked(AsyncioTask task, long argument) =>
        task.Loop.Timers.Add(task, task.Loop.Deadline(TimeSpan.FromTicks(argument)));

    // It may be that the timer has fired and the task is not yet scheduled; then it is in the heap no more.
    protected override void OnCanceled(AsyncioTask task) => task.Loop.Timers.Remove(task);
}
