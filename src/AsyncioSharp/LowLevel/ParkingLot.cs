namespace AsyncioSharp.LowLevel;

/// <summary>
/// Tasks that wait in a line to be woken, one at a time or all at once: what locks and queues are made of.
/// </summary>
/// <param name="forfeited">Called for a task that was woken but is cancelled before it runs: the wake-up was meant for
/// somebody, so pass it on.</param>
internal sealed class ParkingLot(Action? forfeited = null) : Suspension
{
    private WaiterQueue _line;
    private EventLoop? _loop;

    /// <summary>How many tasks wait and were not yet woken.</summary>
    public int Count => _line.Count;

    /// <summary>Waits to be woken.</summary>
    public Coroutine WaitAsync() => ParkAsync();

    /// <summary>Wakes the task that has waited longest.</summary>
    /// <returns>False if none waits.</returns>
    public bool WakeOne()
    {
        if (_line.Dequeue() is not { } task)
            return false;
        task.Loop.CheckThread();
        task.MakeReady();
        return true;
    }

    /// <summary>Wakes all.</summary>
    public void WakeAll()
    {
        while (WakeOne())
        {
        }
    }

    protected override void OnParked(AsyncioTask task, long argument)
    {
        _loop ??= task.Loop;
        if (!ReferenceEquals(_loop, task.Loop))
        {
            throw new InvalidOperationException(
                "This is bound to another event loop, on which a task has waited for it before. Make one for each loop.");
        }
        _line.Enqueue(task);
    }

    protected override void OnCanceled(AsyncioTask task) => _line.Remove(task);

    protected override void OnForfeited(AsyncioTask task) => forfeited?.Invoke();
}
