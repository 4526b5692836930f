using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>Waits for several futures until enough of them have completed.</summary>
internal sealed class FutureWaiter(EventLoop loop, ICollection<Future> futures, WaitUntil until)
{
    private readonly Future<bool> _enough = loop.CreateFuture<bool>();
    private int _left = futures.Count;

    public async Coroutine WaitAsync(TimeSpan? timeout)
    {
        var timer = Durations.Finite(timeout) is { } time ? loop.CallLater(time, static enough => enough.TrySetResult(true), _enough) : default;
        var callbacks = new List<Callback>(futures.Count);
        foreach (var future in futures)
        {
            var callback = new Callback(this, future);
            callbacks.Add(callback);
            // Through the loop for those too that have completed: waiting always lets it turn.
            future.AddCallback(callback);
        }
        try
        {
            await _enough;
        }
        finally
        {
            timer.Cancel();
            foreach (var callback in callbacks)
                callback.Remove();
        }
    }

    /// <summary>For call graphs, which find it as the object that waits.</summary>
    public override string ToString() => $"Wait, {_left} of {futures.Count} left";

    private void Completed(Future future)
    {
        _left--;
        if (_left == 0
            || until == WaitUntil.FirstCompleted
            || (until == WaitUntil.FirstException && !future.IsCanceled && future.PeekException() is not null))
        {
            _enough.TrySetResult(true);
        }
    }

    private sealed class Callback(FutureWaiter owner, Future future) : Runnable
    {
        public void Remove() => future.RemoveCallback(this);

        internal override Future? OnBehalfOf => owner._enough;

        internal override void Run() => owner.Completed(future);
    }
}
