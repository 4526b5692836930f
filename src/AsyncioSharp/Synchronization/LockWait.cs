using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>Where tasks wait for an <see cref="AsyncLock"/>, and its state.</summary>
internal sealed class LockWait(AsyncLock owner) : Suspension<AsyncLock.Releaser>
{
    private const int Taken = 1 << 30;

    // Tasks stay in it until they run: the woken one at its head, as the lock is nobody else's meanwhile; and cancelled ones.
    // A release wakes nobody while the head is a cancelled one, which sees to that when it runs. That is CPython's order.
    private WaitingLine _line;
    // How many of them were not cancelled before they were woken; and Taken, if it is. Together, as whoever comes asks for both, twice.
    private int _state;

    public bool IsTaken => _state >= Taken;

    public bool IsFree => _state == 0;

    public int Count => _line.Count;

    public Coroutine<AsyncLock.Releaser> WaitAsync() => ParkAsync();

    public void Take() => _state |= Taken;

    public void Release()
    {
        _line.CheckThread();
        _state &= ~Taken;
        if (!_line.IsEmpty)
            WakeFirst();
    }

    protected override bool CanPass(long argument) => IsFree;

    protected internal override AsyncLock.Releaser Pass(int argument)
    {
        if (_state != 0)
            LeaveHead();
        Take();
        return new AsyncLock.Releaser(owner);
    }

    protected override void OnParked(AsyncioTask task, long argument)
    {
        _line.Join(task);
        _state++;
    }

    protected override void OnCanceled(AsyncioTask task) => _state--;

    protected override void OnForfeited(AsyncioTask task)
    {
        _state--;
        Leave(task);
    }

    internal override void CancellationDelivered(AsyncioTask task) => Leave(task);

    protected override string DescribeWait(AsyncioTask task) =>
        CallStacks.HolderOf(owner, task.Loop) is { } holder ? $"{owner}, held by task '{holder.Name}'" : owner.ToString();

    // As long as somebody waits nobody passes but the one at the head. (Apart, so that what a free lock needs is small enough to be inlined.)
    private void LeaveHead()
    {
        if (IsTaken || _line.First is not { } first || !ReferenceEquals(first, first.Loop.CurrentTask))
            throw NotAwaited();
        _state--;
        _line.Next();
    }

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
