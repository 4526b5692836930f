using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>Completes as another future does; cancelling it leaves the other one alone.</summary>
internal sealed class ShieldFuture<T> : Future<T>
{
    private readonly Future _inner;
    private readonly Callback _callback;

    public ShieldFuture(Future inner)
        : base(inner.Loop)
    {
        _inner = inner;
        _callback = new Callback(this);
        if (inner.IsCompleted)
            InnerCompleted();
        else
            inner.AddCallback(_callback);
    }

    private protected override string Label => "Shield";

    private void InnerCompleted()
    {
        if (IsCanceled)
            ReportOrphan();
        else if (_inner.IsCanceled)
            Cancel(_inner.CancelMessage);
        else if (_inner.Exception is { } failure)
            TrySetException(failure);
        else
            TrySetResult(_inner is AsyncioTask<T> or Future<T> ? Futures.ResultOf<T>(_inner) : default!);
    }

    // Whoever waited was cancelled; nobody else may be looking at what was shielded.
    private void ReportOrphan()
    {
        if (_inner.IsCanceled || _inner.Exception is not { } failure || (_inner.Flags & FutureFlags.OrphanReported) != 0)
            return;
        _inner.Flags |= FutureFlags.OrphanReported; // there may be other shields around it
        Loop.CallExceptionHandler(new ExceptionContext($"What was shielded failed with {failure.GetType().Name} after the wait for it was cancelled.")
        {
            Exception = failure,
            Future = _inner,
        });
    }

    private sealed class Callback(ShieldFuture<T> owner) : Runnable
    {
        internal override void Run() => owner.InnerCompleted();
    }
}
