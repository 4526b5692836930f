using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>What <c>await</c> uses to wait for a future that has a result.</summary>
/// <typeparam name="T">The result's type.</typeparam>
public readonly struct FutureAwaiter<T> : ICriticalNotifyCompletion, IFrameAwaiter
{
    private readonly Future _future;

    internal FutureAwaiter(Future<T> future) => _future = future;

    internal FutureAwaiter(AsyncioTask<T> task) => _future = task;

    /// <inheritdoc cref="FutureAwaiter.IsCompleted"/>
    public bool IsCompleted => _future.IsCompleted || _future.FindAwaitMistake() is not null;

    /// <summary>Ends the await.</summary>
    /// <returns>The future's result.</returns>
    [StackTraceHidden]
    public T GetResult()
    {
        Delivery.Take();
        if ((_future.Flags & FutureFlags.Succeeded) == 0)
            _future.ThrowAtAwait();
        return _future is AsyncioTask<T> task ? task.Result : Unsafe.As<Future<T>>(_future).Result;
    }

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => ForeignCall.Await(_future, continuation);

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => ForeignCall.Await(_future, continuation);

    void IFrameAwaiter.Suspend(CoroutineBox frame) => _future.SuspendFrame(frame);
}
