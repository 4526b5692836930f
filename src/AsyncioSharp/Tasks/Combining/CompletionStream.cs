using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// Futures in the order in which they complete (<c>asyncio.as_completed()</c>); the methods <c>Asyncio.AsCompleted</c> make one. It can be
/// walked once in all, in several goes and in both ways.
/// </summary>
public abstract class CompletionStream
{
    private readonly Line _completed; // null: the time is over
    private readonly Dictionary<Future, Callback> _waiting = new(ReferenceEqualityComparer.Instance);
    private readonly TimerHandle _timer;
    private int _left;

    private protected CompletionStream((EventLoop Loop, Future[] Futures) futures, TimeSpan? timeout)
    {
        _completed = new Line(this);
        foreach (var future in futures.Futures)
        {
            var callback = new Callback(this, future);
            if (_waiting.TryAdd(future, callback))
                future.AddCallback(callback);
        }
        _left = _waiting.Count;
        if (_left > 0 && Durations.Finite(timeout) is { } time)
            _timer = futures.Loop.CallLater(time, static stream => stream.TimeIsOver(), this);
    }

    /// <summary>For <c>await foreach</c>: the next one, when it has completed; null when there is none left.</summary>
    internal async Coroutine<Future?> NextAsync()
    {
        if (!TryLeaveOne())
            return null;
        try
        {
            return await TakeAsync();
        }
        catch (CanceledException)
        {
            _left++; // nothing was taken: the next walk has it
            throw;
        }
    }

    /// <summary>For <c>foreach</c>: whether there is one left, which is the caller's to take then.</summary>
    private protected bool TryLeaveOne()
    {
        if (_left == 0)
            return false;
        _left--;
        return true;
    }

    private protected async Coroutine<Future> TakeAsync() =>
        await _completed.GetAsync() ?? throw new TimeoutException("Not all of the awaitables completed in the time given for them.");

    private void Completed(Future future)
    {
        if (!_waiting.Remove(future))
            return;
        _completed.PutNoWait(future);
        if (_waiting.Count == 0)
            _timer.Cancel();
    }

    private void TimeIsOver()
    {
        foreach (var (future, callback) in _waiting)
        {
            future.RemoveCallback(callback);
            _completed.PutNoWait(null);
        }
        _waiting.Clear();
    }

    private sealed class Line(CompletionStream owner) : AsyncQueue<Future?>
    {
        // For call graphs, which say what a task waits for.
        public override string ToString() => $"AsCompleted, {owner._waiting.Count} left";
    }

    private sealed class Callback(CompletionStream owner, Future future) : Runnable
    {
        internal override Future? OnBehalfOf => owner._completed.Getters.First;

        internal override void Run() => owner.Completed(future);
    }
}
