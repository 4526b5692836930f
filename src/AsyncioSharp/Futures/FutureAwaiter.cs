using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>What <c>await</c> uses to wait for a <see cref="Future"/>.</summary>
public readonly struct FutureAwaiter : ICriticalNotifyCompletion, IFrameAwaiter
{
    private readonly Future _future;

    internal FutureAwaiter(Future future) => _future = future;

    /// <summary>Whether the await need not suspend; true too where it is a mistake, so that <see cref="GetResult"/> can
    /// say so.</summary>
    public bool IsCompleted => _future.IsCompleted || _future.FindAwaitMistake() is not null;

    /// <summary>Ends the await.</summary>
    [StackTraceHidden]
    public void GetResult()
    {
        Delivery.Take();
        if ((_future.Flags & FutureFlags.Succeeded) == 0)
            _future.ThrowAtAwait();
    }

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => ForeignCall.Await(_future, continuation);

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => ForeignCall.Await(_future, continuation);

    void IFrameAwaiter.Suspend(CoroutineBox frame) => _future.SuspendFrame(frame);
}
