namespace AsyncioSharp.LowLevel;

/// <summary>
/// Tasks that wait in a line to be woken, one at a time or all at once. While it is open nobody has to wait.
/// </summary>
/// <param name="owner">Whose it is, for call graphs.</param>
/// <param name="purpose">What those who wait wait for in the owner, if that is not plain; it stands before the owner's name.</param>
/// <param name="forfeited">Called for a task that was woken but is cancelled before it runs, where a wake-up is meant for
/// somebody: pass it on.</param>
internal sealed class ParkingLot(object owner, string purpose = "", Action? forfeited = null) : Suspension
{
    private WaitingLine _line;
    private Exception? _failure;

    /// <summary>Whose it is.</summary>
    public object Owner => owner;

    /// <summary>How many tasks wait and were not yet woken.</summary>
    public int Count => _line.Count;

    /// <summary>Whether those who come go on at once.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Waits to be woken; not at all if it is open when this is awaited.</summary>
    public Coroutine WaitAsync() => IsOpen && _failure is not null ? Coroutine.FromException(_failure) : ParkAsync();

    /// <summary>From now on only tasks of this loop can wait here.</summary>
    /// <exception cref="InvalidOperationException">Tasks of another loop have waited here.</exception>
    public void Bind(EventLoop loop) => _line.Bind(loop);

    /// <summary>Wakes the task that has waited longest.</summary>
    /// <param name="failure">What it is to throw; null for nothing.</param>
    /// <returns>False if none waits.</returns>
    public bool WakeOne(Exception? failure = null)
    {
        if (_line.Next() is not { } task)
            return false;
        Resume(task, failure);
        return true;
    }

    /// <summary>Wakes all.</summary>
    /// <param name="failure">What they are to throw; null for nothing.</param>
    public void WakeAll(Exception? failure = null)
    {
        while (WakeOne(failure))
        {
        }
    }

    /// <summary>Wakes all, and lets nobody wait any more.</summary>
    /// <param name="failure">What all of them are to throw, and those who come later too; null for nothing.</param>
    public void Open(Exception? failure = null)
    {
        _line.CheckThread();
        if (IsOpen)
            return;
        IsOpen = true;
        _failure = failure;
        WakeAll(failure);
    }

    /// <summary>Lets those who come wait again.</summary>
    public void Close() => IsOpen = false;

    protected override bool CanPass(long argument) => IsOpen && _failure is null;

    protected override void OnParked(AsyncioTask task, long argument)
    {
        // The coroutine may be awaited later than it was made.
        if (IsOpen)
            Resume(task, _failure);
        else
            _line.Join(task);
    }

    protected override void OnCanceled(AsyncioTask task) => _line.Leave(task);

    protected override void OnForfeited(AsyncioTask task) => forfeited?.Invoke();

    protected override string DescribeWait(AsyncioTask task) => $"{purpose}{owner}";

    private static void Resume(AsyncioTask task, Exception? failure)
    {
        if (failure is null)
            task.MakeReady();
        else
            task.MakeReadyWith(failure);
    }
}
