using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>Where tasks wait for an <see cref="AsyncLock"/>, and its state.</summary>
internal sealed class LockWait(AsyncLock owner) : Suspension<AsyncLock.Releaser>
{
    // Tasks stay in it until they run: the woken one at its head, as the lock is nobody else's meanwhile; and cancelled ones.
    // A release wakes nobody while the head is a cancelled one, which sees to that when it runs. That is CPython's order.
    private WaitingLine _line;
    private int _waiting; // those in the line that were not cancelled before they were woken

    public bool IsTaken { get; private set; }

    public bool IsFree => !IsTaken && _waiting == 0;

    public int Count => _line.Count;

    public Coroutine<AsyncLock.Releaser> WaitAsync() => ParkAsync();

    public void Take() => IsTaken = true;

    public void Release()
    {
        _line.CheckThread();
        IsTaken = false;
        if (!_line.IsEmpty)
            WakeFirst();
    }

    protected override bool CanPass(long argument) => IsFree;

    protected internal override AsyncLock.Releaser Pass(int argument)
    {
        if (IsTaken)
            throw NotAwaited();
        // As long as somebody waits nobody passes but the one at the head.
        if (_waiting > 0)
        {
            if (!ReferenceEquals(_line.First, _line.First?.Loop.CurrentTask))
                throw NotAwaited();
            _waiting--;
            _line.Next();
        }
        Take();
        return new AsyncLock.Releaser(owner);
    }

    protected override void OnParked(AsyncioTask task, long argument)
    {
        _line.Join(task);
        _waiting++;
    }

    protected override void OnCanceled(AsyncioTask task) => _waiting--;

    protected override void OnForfeited(AsyncioTask task)
    {
        _waiting--;
        Leave(task);
    }

    internal override void CancellationDelivered(AsyncioTask task) => Leave(task);

    protected override string DescribeWait(AsyncioTask task) =>
        CallStacks.HolderOf(owner, task.Loop) is { } holder ? $"{owner}, held by task '{holder.Name}'" : owner.ToString();

    private void Leave(AsyncioTask task)
    {
        _line.Leave(task);
        if (!IsTaken)
            WakeFirst();
    }

    private void WakeFirst()
    {
        if (_line.First is not { IsScheduled: false } task)
            return;
        task.Loop.CheckThread();
        task.MakeReady();
    }
}
