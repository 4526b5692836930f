using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>Where tasks wait for something that happens once.</summary>
internal sealed class ClosedWait : Suspension
{
    private WaiterQueue _waiters;
    private Exception? _failure;
    private bool _ended;

    /// <summary>Waits until the end; not at all once it has come.</summary>
    public Coroutine WaitAsync() => !_ended ? ParkAsync()
        : _failure is null ? Coroutine.Completed
        : Coroutine.FromException(_failure);

    /// <summary>The end has come.</summary>
    /// <param name="failure">What those that wait are to throw.</param>
    public void End(Exception? failure = null)
    {
        if (_ended)
            return;
        _ended = true;
        _failure = failure;
        while (_waiters.Dequeue() is { } task)
            Resume(task);
    }

    // The coroutine may be awaited later than it was made.
    protected override void OnParked(AsyncioTask task, long argument)
    {
        if (_ended)
            Resume(task);
        else
            _waiters.Enqueue(task);
    }

    protected override void OnCanceled(AsyncioTask task) => _waiters.Remove(task);

    private void Resume(AsyncioTask task)
    {
        if (_failure is null)
            Reschedule(task);
        else
            Reschedule(task, _failure);
    }
}
