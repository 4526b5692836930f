using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>What <c>await</c> uses to await a <see cref="Coroutine"/>.</summary>
public readonly struct CoroutineAwaiter : ICriticalNotifyCompletion, IFrameAwaiter
{
    private readonly CoroutineSource? _source;
    private readonly long _token;

    internal CoroutineAwaiter(CoroutineSource? source, long token)
    {
        _source = source;
        _token = token;
    }

    /// <summary>Whether the await need not suspend. True too for a coroutine that was awaited before, so that
    /// <see cref="GetResult"/> can say so.</summary>
    public bool IsCompleted => _source is null ? _token == 0 : !_source.CanBegin(_token) && _source.IsReady(_token);

    /// <summary>Ends the await.</summary>
    /// <exception cref="InvalidOperationException">The coroutine was awaited before.</exception>
    [StackTraceHidden]
    public void GetResult()
    {
        if (_source is not null)
            _source.End(_token);
        else if (_token != 0)
            Delivery.Take();
    }

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => ForeignCall.Begin(new Coroutine(_source, _token), continuation);

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => ForeignCall.Begin(new Coroutine(_source, _token), continuation);

    void IFrameAwaiter.Suspend(CoroutineBox frame)
    {
        if (_source is not null)
            _source.Begin(frame, _token);
        else if (_token < 0)
            AsyncioTask.Yield(frame);
        else
            SleepTarget.Sleep(frame, _token);
    }
}
