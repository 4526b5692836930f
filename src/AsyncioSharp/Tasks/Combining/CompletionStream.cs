using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// Futures in the order in which they complete; <see cref="Asyncio.AsCompleted{T}(IEnumerable{IAwaitable{T}}, TimeSpan?)"/> makes it. It can be
/// walked once in all, in several goes and in both ways.
/// </summary>
/// <typeparam name="T">The results' type.</typeparam>
public sealed class CompletionStream<T>
{
    private readonly Line _completed; // null: the time is over
    private readonly Dictionary<Future, Callback> _waiting = new(ReferenceEqualityComparer.Instance);
    private readonly TimerHandle _timer;
    private int _left;

    internal CompletionStream((EventLoop Loop, Future[] Futures) futures, TimeSpan? timeout)
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

    /// <summary>For <c>await foreach</c>: the original futures, each when it has completed.</summary>
    public CompletionEnumerator<T> GetAsyncEnumerator() => new(this);

    /// <summary>For <c>foreach</c>: coroutines, each of which waits for the next future and ends as that one did.</summary>
    public IEnumerator<Coroutine<T>> GetEnumerator()
    {
        while (_left > 0)
        {
            _left--;
            yield return ResultOfNextAsync();
        }
    }

    internal async Coroutine<IAwaitable<T>?> NextAsync()
    {
        if (_left == 0)
            return null;
        _left--;
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

    private async Coroutine<T> ResultOfNextAsync()
    {
        var next = await TakeAsync();
        return await next;
    }

    private async Coroutine<IAwaitable<T>> TakeAsync() =>
        await _completed.GetAsync() as IAwaitable<T> ?? throw new TimeoutException("Not all of the awaitables completed in the time given for them.");

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

    private sealed class Line(CompletionStream<T> owner) : AsyncQueue<Future?>
    {
        // For call graphs, which say what a task waits for.
        public override string ToString() => $"AsCompleted, {owner._waiting.Count} left";
    }

    private sealed class Callback(CompletionStream<T> owner, Future future) : Runnable
    {
        internal override Future? OnBehalfOf => owner._completed.Getters.First;

        internal override void Run() => owner.Completed(future);
    }
}
