using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>A task that waits for a queue that threads share.</summary>
internal sealed class LoopWaiter(SharedSide side, EventLoop loop) : SharedWaiter(side)
{
    public Future<bool> Turn { get; } = new TurnFuture(loop, side);

    internal override void Wake()
    {
        if (loop.IsOnThread)
            Run();
        else
            loop.PostOrDrop(this);
    }

    internal override void Run() => Turn.TrySetResult(true);

    // The task will never run again.
    internal override void Dropped() => Side.Queue.GiveUp(this);

    private sealed class TurnFuture(EventLoop loop, SharedSide side) : Future<bool>(loop)
    {
        private protected override string WaitText => side.Queue.Describe(side);
    }
}
