namespace AsyncioSharp.LowLevel;

/// <summary>Where the one task waits that wants to be told when it may go on.</summary>
internal sealed class ReadyWait : Suspension
{
    private AsyncioTask? _task;

    public Coroutine WaitAsync() => ParkAsync();

    public void Wake()
    {
        if (_task is not { } task)
            return;
        _task = null;
        Reschedule(task);
    }

    protected override void OnParked(AsyncioTask task, long argument) => _task = task;

    protected override void OnCanceled(AsyncioTask task) => _task = null;
}
