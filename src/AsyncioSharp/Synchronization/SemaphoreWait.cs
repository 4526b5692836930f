using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>Where tasks wait for a place in an <see cref="AsyncSemaphore"/>, and its places.</summary>
internal sealed class SemaphoreWait(AsyncSemaphore owner, int count) : Suspension<AsyncSemaphore.Releaser>
{
    private WaitingLine _line;
    private int _handedOver; // places given to tasks that were woken and have not run yet

    public int Available { get; private set; } = count;

    public bool IsLocked => Available == 0 || !_line.IsEmpty || _handedOver > 0;

    public int Count => _line.Count;

    public Coroutine<AsyncSemaphore.Releaser> WaitAsync() => ParkAsync();

    public void Take()
    {
        if (_handedOver == 0 && Available > 0)
            Available--;
        else
            TakeHandedOver();
    }

    public void GiveBack()
    {
        _line.CheckThread();
        Available++;
        if (!_line.IsEmpty)
            HandOver();
    }

    protected override bool CanPass(long argument) => !IsLocked;

    protected internal override AsyncSemaphore.Releaser Pass(int argument)
    {
        Take();
        return new AsyncSemaphore.Releaser(owner);
    }

    protected override void OnParked(AsyncioTask task, long argument) => _line.Join(task);

    protected override void OnCanceled(AsyncioTask task) => _line.Leave(task);

    protected override void OnForfeited(AsyncioTask task)
    {
        _handedOver--;
        Available++;
        HandOverAll();
    }

    protected override string DescribeWait(AsyncioTask task) => owner.ToString();

    // As long as a place is handed over nobody else passes: so it is this task's, which has it already.
    private void TakeHandedOver()
    {
        if (_handedOver == 0)
            throw NotAwaited();
        _handedOver--;
        HandOverAll(); // places that came free in the meantime had to wait for this, for the order's sake
    }

    private void HandOverAll()
    {
        while (Available > 0 && HandOver())
        {
        }
    }

    private bool HandOver()
    {
        if (_line.Next() is not { } task)
            return false;
        Available--;
        _handedOver++;
        task.MakeReady();
        return true;
    }
}
