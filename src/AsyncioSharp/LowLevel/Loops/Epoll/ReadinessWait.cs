namespace AsyncioSharp.LowLevel;

/// <summary>Where the task waits that wants to read from a descriptor, or write to it.</summary>
internal sealed class ReadinessWait(ReadinessSide side) : Suspension
{
    private AsyncioTask? _task;

    /// <summary>Whether a task waits and was not yet woken.</summary>
    public bool IsTaken => _task is not null;

    public Coroutine WaitAsync() => ParkAsync();

    public void Wake()
    {
        if (Take() is { } task)
            Reschedule(task);
    }

    public void Fail(Exception exception)
    {
        if (Take() is { } task)
            Reschedule(task, exception);
    }

    protected override void OnParked(AsyncioTask task, long argument)
    {
        if (_task is not null)
            throw side.Taken();
        _task = task;
        try
        {
            side.BeginWait();
        }
        catch
        {
            _task = null;
            throw;
        }
    }

    protected override void OnCanceled(AsyncioTask task)
    {
        _task = null;
        side.EndWait();
    }

    // Nothing was handed over; but what was cancelled leaves nothing registered.
    protected override void OnForfeited(AsyncioTask task)
    {
        if (_task is null)
            side.EndWait();
    }

    protected override string DescribeWait(AsyncioTask task) => side.Description;

    private AsyncioTask? Take()
    {
        var task = _task;
        _task = null;
        return task;
    }
}
