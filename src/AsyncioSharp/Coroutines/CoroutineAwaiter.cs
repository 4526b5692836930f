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
    public bool IsCompleted => _source is null || !_source.CanBegin(_token);

    /// <summary>Ends the await.</summary>
    /// <exception cref="InvalidOperationException">The coroutine was awaited before.</exception>
    [StackTraceHidden]
    public void GetResult() => _source?.End(_token);

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => ForeignCall.Begin(_source!, _token, continuation);

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => ForeignCall.Begin(_source!, _token, continuation);

    void IFrameAwaiter.Suspend(CoroutineBox frame) => _source!.Begin(frame, _token);
}
