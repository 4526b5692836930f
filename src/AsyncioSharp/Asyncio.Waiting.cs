using System.Runtime.CompilerServices;
using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

public static partial class Asyncio
{
    /// <summary>
    /// Waits for futures without touching them (<c>asyncio.wait()</c>): it neither cancels any nor throws what they failed
    /// with, nor throws at the timeout.
    /// </summary>
    /// <param name="futures">Tasks and other futures. For coroutines, make tasks first, so as to know them in the result.</param>
    /// <param name="timeout">How long to wait at most; null for as long as it takes.</param>
    /// <param name="until">What to wait for.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such condition.</exception>
    /// <exception cref="ArgumentException">There are no futures, or one belongs to another loop.</exception>
    public static Coroutine<WaitResult> Wait(IEnumerable<Future> futures, TimeSpan? timeout = null, WaitUntil until = WaitUntil.AllCompleted)
    {
        var set = CheckWait(futures, until);
        return Wait();

        async Coroutine<WaitResult> Wait()
        {
            await new FutureWaiter(EventLoop.Running, [.. set], until).WaitAsync(timeout);
            var (done, pending) = Split(set);
            return new WaitResult(done, pending);
        }
    }

    /// <inheritdoc cref="Wait(IEnumerable{Future}, TimeSpan?, WaitUntil)"/>
    /// <typeparam name="TFuture">The kind of future.</typeparam>
    public static Coroutine<WaitResult<TFuture>> Wait<TFuture>(
        IEnumerable<TFuture> futures, TimeSpan? timeout = null, WaitUntil until = WaitUntil.AllCompleted)
        where TFuture : Future
    {
        var set = CheckWait(futures, until);
        return Wait();

        async Coroutine<WaitResult<TFuture>> Wait()
        {
            await new FutureWaiter(EventLoop.Running, [.. set], until).WaitAsync(timeout);
            var (done, pending) = Split(set);
            return new WaitResult<TFuture>(done, pending);
        }
    }

    /// <inheritdoc cref="Wait(IEnumerable{Future}, TimeSpan?, WaitUntil)"/>
    /// <param name="futures">Tasks and other futures.</param>
    /// <param name="seconds">How long to wait at most, in seconds.</param>
    /// <param name="until">What to wait for.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is not a number.</exception>
    public static Coroutine<WaitResult> Wait(IEnumerable<Future> futures, double seconds, WaitUntil until = WaitUntil.AllCompleted) =>
        Wait(futures, Durations.Seconds(seconds), until);

    /// <inheritdoc cref="Wait(IEnumerable{Future}, double, WaitUntil)"/>
    /// <typeparam name="TFuture">The kind of future.</typeparam>
    public static Coroutine<WaitResult<TFuture>> Wait<TFuture>(IEnumerable<TFuture> futures, double seconds, WaitUntil until = WaitUntil.AllCompleted)
        where TFuture : Future =>
        Wait(futures, Durations.Seconds(seconds), until);

    /// <summary>
    /// Gives the futures in the order in which they complete (<c>asyncio.as_completed()</c>): with <c>await foreach</c> the
    /// original ones, with <c>foreach</c> coroutines that wait for the next one each.
    /// </summary>
    /// <typeparam name="T">The results' type.</typeparam>
    /// <param name="awaitables">What to wait for. Coroutines become tasks. None is cancelled, whatever happens.</param>
    /// <param name="timeout">How long to wait for all of them; then a <see cref="TimeoutException"/> is thrown. Null for as
    /// long as it takes.</param>
    /// <exception cref="ArgumentException">One is null, or belongs to another loop.</exception>
    public static CompletionStream<T> AsCompleted<T>(IEnumerable<IAwaitable<T>> awaitables, TimeSpan? timeout = null) =>
        new(Futures.EnsureAll(awaitables), timeout);

    /// <inheritdoc cref="AsCompleted{T}(IEnumerable{IAwaitable{T}}, TimeSpan?)"/>
    /// <param name="coroutines">What to wait for. They become tasks. None is cancelled, whatever happens.</param>
    /// <param name="timeout">How long to wait for all of them; null for as long as it takes.</param>
    public static CompletionStream<T> AsCompleted<T>(IEnumerable<Coroutine<T>> coroutines, TimeSpan? timeout = null) =>
        new(Futures.EnsureAll(coroutines), timeout);

    /// <inheritdoc cref="AsCompleted{T}(IEnumerable{IAwaitable{T}}, TimeSpan?)"/>
    /// <param name="awaitables">What to wait for. Coroutines become tasks. None is cancelled, whatever happens.</param>
    /// <param name="seconds">How long to wait for all of them, in seconds.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is not a number.</exception>
    public static CompletionStream<T> AsCompleted<T>(IEnumerable<IAwaitable<T>> awaitables, double seconds) =>
        AsCompleted(awaitables, Durations.Seconds(seconds));

    /// <inheritdoc cref="AsCompleted{T}(IEnumerable{Coroutine{T}}, TimeSpan?)"/>
    /// <param name="coroutines">What to wait for. They become tasks. None is cancelled, whatever happens.</param>
    /// <param name="seconds">How long to wait for all of them, in seconds.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is not a number.</exception>
    public static CompletionStream<T> AsCompleted<T>(IEnumerable<Coroutine<T>> coroutines, double seconds) =>
        AsCompleted(coroutines, Durations.Seconds(seconds));

    /// <inheritdoc cref="AsCompleted{T}(IEnumerable{IAwaitable{T}}, TimeSpan?)"/>
    /// <param name="tasks">What to wait for; <c>await foreach</c> gives these tasks. None is cancelled, whatever happens.</param>
    /// <param name="timeout">How long to wait for all of them; null for as long as it takes.</param>
    public static TaskCompletionStream<T> AsCompleted<T>(IEnumerable<AsyncioTask<T>> tasks, TimeSpan? timeout = null) =>
        new(Futures.EnsureAll(tasks), timeout);

    /// <inheritdoc cref="AsCompleted{T}(IEnumerable{AsyncioTask{T}}, TimeSpan?)"/>
    /// <param name="tasks">What to wait for; <c>await foreach</c> gives these tasks. None is cancelled, whatever happens.</param>
    /// <param name="seconds">How long to wait for all of them, in seconds.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is not a number.</exception>
    public static TaskCompletionStream<T> AsCompleted<T>(IEnumerable<AsyncioTask<T>> tasks, double seconds) =>
        AsCompleted(tasks, Durations.Seconds(seconds));

    /// <summary>
    /// Gives futures without results in the order in which they complete (<c>asyncio.as_completed()</c>): with <c>await foreach</c> the
    /// original ones, with <c>foreach</c> coroutines that wait for the next one each.
    /// </summary>
    /// <typeparam name="TFuture">The kind of future.</typeparam>
    /// <param name="futures">What to wait for. None is cancelled, whatever happens.</param>
    /// <param name="timeout">How long to wait for all of them; then a <see cref="TimeoutException"/> is thrown. Null for as
    /// long as it takes.</param>
    /// <exception cref="ArgumentException">One is null, or belongs to another loop.</exception>
    [OverloadResolutionPriority(-1)] // a future with a result is a future too, but its result is wanted
    public static FutureCompletionStream<TFuture> AsCompleted<TFuture>(IEnumerable<TFuture> futures, TimeSpan? timeout = null)
        where TFuture : Future =>
        new(Futures.EnsureAll(futures), timeout);

    /// <inheritdoc cref="AsCompleted{TFuture}(IEnumerable{TFuture}, TimeSpan?)"/>
    /// <param name="futures">What to wait for. None is cancelled, whatever happens.</param>
    /// <param name="seconds">How long to wait for all of them, in seconds.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is not a number.</exception>
    [OverloadResolutionPriority(-1)]
    public static FutureCompletionStream<TFuture> AsCompleted<TFuture>(IEnumerable<TFuture> futures, double seconds)
        where TFuture : Future =>
        AsCompleted<TFuture>(futures, Durations.Seconds(seconds));

    /// <summary>
    /// Gives futures of any types, also without results, in the order in which they complete (<c>asyncio.as_completed()</c>): with
    /// <c>await foreach</c> the original ones, with <c>foreach</c> coroutines that wait for the next one each.
    /// </summary>
    /// <param name="awaitables">What to wait for. Coroutines become tasks. None is cancelled, whatever happens.</param>
    /// <param name="timeout">How long to wait for all of them; then a <see cref="TimeoutException"/> is thrown. Null for as
    /// long as it takes.</param>
    /// <exception cref="ArgumentException">One is null, or belongs to another loop.</exception>
    [OverloadResolutionPriority(-2)]
    public static FutureCompletionStream<Future> AsCompleted(IEnumerable<IAwaitable> awaitables, TimeSpan? timeout = null) =>
        new(Futures.EnsureAll(awaitables), timeout);

    /// <inheritdoc cref="AsCompleted(IEnumerable{IAwaitable}, TimeSpan?)"/>
    /// <param name="awaitables">What to wait for. Coroutines become tasks. None is cancelled, whatever happens.</param>
    /// <param name="seconds">How long to wait for all of them, in seconds.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is not a number.</exception>
    [OverloadResolutionPriority(-2)]
    public static FutureCompletionStream<Future> AsCompleted(IEnumerable<IAwaitable> awaitables, double seconds) =>
        AsCompleted(awaitables, Durations.Seconds(seconds));

    /// <inheritdoc cref="AsCompleted(IEnumerable{IAwaitable}, TimeSpan?)"/>
    /// <param name="coroutines">What to wait for. They become tasks. None is cancelled, whatever happens.</param>
    /// <param name="timeout">How long to wait for all of them; null for as long as it takes.</param>
    [OverloadResolutionPriority(-3)] // coroutines of several types are Coroutines as well as IAwaitables, but their results are wanted
    public static FutureCompletionStream<AsyncioTask> AsCompleted(IEnumerable<Coroutine> coroutines, TimeSpan? timeout = null) =>
        new(Futures.EnsureAll(coroutines), timeout);

    /// <inheritdoc cref="AsCompleted(IEnumerable{Coroutine}, TimeSpan?)"/>
    /// <param name="coroutines">What to wait for. They become tasks. None is cancelled, whatever happens.</param>
    /// <param name="seconds">How long to wait for all of them, in seconds.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is not a number.</exception>
    [OverloadResolutionPriority(-3)]
    public static FutureCompletionStream<AsyncioTask> AsCompleted(IEnumerable<Coroutine> coroutines, double seconds) =>
        AsCompleted(coroutines, Durations.Seconds(seconds));

    private static HashSet<TFuture> CheckWait<TFuture>(IEnumerable<TFuture> futures, WaitUntil until)
        where TFuture : Future
    {
        ArgumentNullException.ThrowIfNull(futures);
        if (!Enum.IsDefined(until))
        {
            throw new ArgumentOutOfRangeException(
                nameof(until), until, "The condition must be one of the values of WaitUntil: AllCompleted, FirstCompleted or FirstException.");
        }
        var set = new HashSet<TFuture>(futures, ReferenceEqualityComparer.Instance);
        if (set.Count == 0)
            throw new ArgumentException("There is nothing to wait for: the collection of futures is empty.", nameof(futures));
        if (set.Contains(null!))
            throw new ArgumentException("One of the futures is null.", nameof(futures));
        if (EventLoop.RunningOrNull is { } loop && set.FirstOrDefault(future => future.Loop != loop) is { } stranger)
            throw new ArgumentException($"{stranger} belongs to another event loop.", nameof(futures));
        return set;
    }

    private static (HashSet<TFuture> Done, HashSet<TFuture> Pending) Split<TFuture>(HashSet<TFuture> futures)
        where TFuture : Future
    {
        var done = new HashSet<TFuture>(ReferenceEqualityComparer.Instance);
        var pending = new HashSet<TFuture>(ReferenceEqualityComparer.Instance);
        foreach (var future in futures)
            (future.IsCompleted ? done : pending).Add(future);
        return (done, pending);
    }
}
