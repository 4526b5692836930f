namespace AsyncioSharp;

/// <summary>A thread that is blocked by a queue that threads share.</summary>
internal sealed class ThreadWaiter(SharedSide side) : SharedWaiter(side)
{
    private readonly ManualResetEventSlim _turn = new();

    public void Wait(CancellationToken cancellationToken) => _turn.Wait(cancellationToken);

    internal override bool TryWake()
    {
        _turn.Set();
        return true;
    }

    internal override void Run() => TryWake();
}
