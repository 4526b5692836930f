using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>What <c>await</c> uses to await a <see cref="Coroutine{T}"/>.</summary>
/// <typeparam name="T">The result's type.</typeparam>
public readonly struct CoroutineAwaiter<T> : ICriticalNotifyCompletion, IFrameAwaiter
{
    private readonly Coroutine<T> _coroutine;

    internal CoroutineAwaiter(in Coroutine<T> coroutine) => _coroutine = coroutine;

    /// <inheritdoc cref="CoroutineAwaiter.IsCompleted"/>
    public bool IsCompleted =>
        _coroutine.Source is not { } source || (!source.CanBegin(_coroutine.Token) && source.IsReady(_coroutine.Token));

    /// <summary>Ends the await.</summary>
    /// <returns>What the coroutine returned.</returns>
    /// <exception cref="InvalidOperationException">The coroutine was awaited before.</exception>
    [StackTraceHidden]
    public T GetResult() => _coroutine.Source is { } source ? CoroutineBox<T>.End(source, _coroutine.Token) : _coroutine.Value;

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => ForeignCall.Begin(_coroutine, continuation);

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => ForeignCall.Begin(_coroutine, continuation);

    void IFrameAwaiter.Suspend(CoroutineBox frame) => _coroutine.Source!.Begin(frame, _coroutine.Token);
}
