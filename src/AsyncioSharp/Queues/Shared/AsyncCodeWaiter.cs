namespace AsyncioSharp;

/// <summary>.NET's asynchronous code that waits for a queue that threads share.</summary>
internal sealed class AsyncCodeWaiter(SharedSide side) : SharedWaiter(side)
{
    private readonly TaskCompletionSource _turn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Waits for its turn. A cancellation that comes after it was granted comes too late.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var link = cancellationToken.UnsafeRegister(static (waiter, token) => ((AsyncCodeWaiter)waiter!).Cancel(token), this);
        await _turn.Task.ConfigureAwait(false);
    }

    internal override bool TryWake()
    {
        _turn.TrySetResult();
        return true;
    }

    internal override void Run() => TryWake();

    private void Cancel(CancellationToken token)
    {
        if (Side.Queue.TryGiveUp(this))
            _turn.TrySetCanceled(token);
    }
}
