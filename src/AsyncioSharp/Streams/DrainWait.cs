using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>Where tasks wait until a transport wants data again.</summary>
internal sealed class DrainWait : Suspension
{
    private WaiterQueue _waiters;

    public Coroutine WaitAsync() => ParkAsync();

    /// <summary>Lets all go on.</summary>
    /// <param name="failure">What they are to throw; null for nothing.</param>
    public void WakeAll(Exception? failure)
    {
        while (_waiters.Dequeue() is { } task)
        {
            if (failure is null)
                Reschedule(task);
            else
                Reschedule(task, failure);
        }
    }

    protected override void OnParked(AsyncioTask task, long argument) => _waiters.Enqueue(task);

    protected override void OnCanceled(AsyncioTask task) => _waiters.Remove(task);
}
