using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>A task that waits for a queue that threads share.</summary>
internal sealed class LoopWaiter : SharedWaiter
{
    private readonly EventLoop _loop;

    public LoopWaiter(SharedSide side, EventLoop loop)
        : base(side)
    {
        _loop = loop;
        Turn = new TurnFuture(loop, side);
        loop.CallsInProgress.Add(this); // if the loop closes, the task will never run again, woken or not
    }

    public Future<bool> Turn { get; }

    /// <summary>The task goes on.</summary>
    public void End() => _loop.CallsInProgress.Remove(this);

    internal override bool TryWake()
    {
        if (_loop.IsClosed)
            return false;
        if (_loop.IsOnThread)
            Run();
        else
            _loop.PostThreadsafe(this);
        return true;
    }

    internal override void Run() => Turn.TrySetResult(true);

    internal override void Dropped() => Side.Queue.GiveUp(this);

    private sealed class TurnFuture(EventLoop loop, SharedSide side) : Future<bool>(loop)
    {
        private protected override string WaitText => side.Queue.Describe(side);
    }
}
