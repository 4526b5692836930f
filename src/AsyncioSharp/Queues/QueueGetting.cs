using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>Where tasks wait for an item of a queue; whatever they make of it, they stand in one line.</summary>
internal abstract class QueueGetting<T, TResult>(AsyncQueue<T> queue) : Suspension<TResult>
{
    protected AsyncQueue<T> Queue { get; } = queue;

    public Coroutine<TResult> WaitAsync() => ParkAsync();

    internal sealed override bool MayGoOn(AsyncioTask task)
    {
        // Being woken promises nothing: the item may have been got without waiting meanwhile.
        if (Queue.CanGet)
            return true;
        Queue.Getters.Join(task);
        return false;
    }

    protected sealed override bool CanPass(long argument) => Queue.CanGet;

    protected sealed override void OnParked(AsyncioTask task, long argument)
    {
        Queue.Putters.Bind(task.Loop); // who gets wakes who puts, on the same thread
        Queue.Getters.Join(task);
    }

    protected sealed override void OnCanceled(AsyncioTask task) => Queue.Getters.Leave(task);

    protected sealed override string DescribeWait(AsyncioTask task) => $"an item of {Queue}";

    protected sealed override void OnForfeited(AsyncioTask task)
    {
        if (!Queue.IsEmpty)
            Queue.WakeGetter();
    }
}
