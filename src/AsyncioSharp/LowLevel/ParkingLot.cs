namespace AsyncioSharp.LowLevel;

/// <summary>Tasks that wait in a line to be woken, one at a time or all at once.</summary>
/// <param name="forfeited">Called for a task that was woken but is cancelled before it runs: the wake-up was meant for
/// somebody, so pass it on.</param>
internal sealed class ParkingLot(Action? forfeited = null) : Suspension
{
    private WaitingLine _line;

    /// <summary>How many tasks wait and were not yet woken.</summary>
    public int Count => _line.Count;

    /// <summary>Waits to be woken.</summary>
    public Coroutine WaitAsync() => ParkAsync();

    /// <summary>Wakes the task that has waited longest.</summary>
    /// <returns>False if none waits.</returns>
    public bool WakeOne()
    {
        if (_line.Next() is not { } task)
            return false;
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

    protected override void OnParked(AsyncioTask task, long argument) => _line.Join(task);

    protected override void OnCanceled(AsyncioTask task) => _line.Leave(task);

    protected override void OnForfeited(AsyncioTask task) => forfeited?.Invoke();
}
