using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>Where tasks wait for an <see cref="AsyncLock"/>, and its state.</summary>
internal sealed class LockWait(AsyncLock owner) : Suspension<AsyncLock.Releaser>
{
    private WaitingLine _line;

    // Between the release and the turn of the task that was woken the lock is free, but nobody else's.
    private bool _reserved;

    public bool IsTaken { get; private set; }

    public bool IsFree => !IsTaken && !_reserved;

    public int Count => _line.Count;

    public Coroutine<AsyncLock.Releaser> WaitAsync() => ParkAsync();

    public void Take()
    {
        _reserved = false;
        IsTaken = true;
    }

    public void Release()
    {
        IsTaken = false;
        if (!_line.IsEmpty)
            WakeNext();
    }

    protected override bool CanPass(long argument) => IsFree;

    protected internal override AsyncLock.Releaser Pass(int argument)
    {
        Take();
        return new AsyncLock.Releaser(owner);
    }

    protected override void OnParked(AsyncioTask task, long argument) => _line.Join(task);

    protected override void OnCanceled(AsyncioTask task) => _line.Leave(task);

    protected override void OnForfeited(AsyncioTask task)
    {
        _reserved = false;
        WakeNext();
    }

    private void WakeNext()
    {
        if (_line.Next() is not { } task)
            return;
        _reserved = true;
        task.MakeReady();
    }
}
