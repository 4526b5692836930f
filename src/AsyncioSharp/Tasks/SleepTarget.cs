using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>What sleeping tasks wait for: their time. The tasks themselves stand among the loop's timers, but for those
/// that sleep for ever.</summary>
internal sealed class SleepTarget : IWaitTarget
{
    private static readonly SleepTarget s_instance = new();
    private static readonly SleepTarget s_forever = new();

    public static void Sleep(CoroutineBox frame, long ticks)
    {
        var loop = frame.Loop;
        var task = loop.CurrentTask!;
        if (ticks == long.MaxValue)
        {
            // No timer: in virtual time, it would be the next one as soon as there is no other.
            task.Park(frame, s_forever);
            return;
        }
        task.Park(frame, s_instance);
        loop.Timers.Add(task, loop.Deadline(TimeSpan.FromTicks(ticks)));
    }

    bool IWaitTarget.TryCancelWait(AsyncioTask task, string? message)
    {
        if (task.IsScheduled)
            return false;
        // There may be none; or it may be that the timer has fired and the task is not scheduled yet; then it is no timer any more.
        task.Loop.Timers.Remove(task);
        task.MakeReadyCanceled(message);
        return true;
    }

    void IWaitTarget.Forfeit(AsyncioTask task) { }

    string? IWaitTarget.DescribeWait(AsyncioTask task) => ReferenceEquals(this, s_forever) ? "its cancellation, as it sleeps for ever"
        : task.Loop.Timers.DeadlineOf(task) is { } deadline
        ? $"a timer, {TimeSpan.FromTicks(deadline - task.Loop.Now).TotalSeconds:0.###} s left"
        : "a timer that has elapsed";
}
