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

    public override bool Cancel(string? message = null)
    {
        if (!base.Cancel(message))
            return false;
        // What is shielded may outlive any number of waits for it: of those that were cancelled nothing must stay, but one
        // report for all of them.
        if (!_inner.IsCompleted)
        {
            _inner.RemoveCallback(_callback);
            _inner.RemoveCallbacks(static callback => callback is OrphanReport);
            _inner.AddCallback(new OrphanReport(_inner));
        }
        return true;
    }

    private void InnerCompleted()
    {
        if (IsCompleted)
            return; // cancelled in the meantime
        if (_inner.IsCanceled)
            Cancel(_inner.CancelMessage);
        else if (_inner.Exception is { } failure)
            TrySetException(failure);
        else
            TrySetResult(_inner is AsyncioTask<T> or Future<T> ? Futures.ResultOf<T>(_inner) : default!);
    }

    private sealed class Callback(ShieldFuture<T> owner) : Runnable
    {
        internal override Future? OnBehalfOf => owner;

        internal override void Run() => owner.InnerCompleted();
    }
}
