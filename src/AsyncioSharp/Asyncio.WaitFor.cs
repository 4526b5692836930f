using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

public static partial class Asyncio
{
    /// <summary>
    /// Waits for something, but not longer than a time (<c>asyncio.wait_for()</c>). When the time is over the thing is
    /// cancelled, and once it has ended a <see cref="TimeoutException"/> is thrown. If it ends with a result all the same,
    /// that is returned.
    /// </summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="awaitable">What to wait for. A coroutine runs in the task that waits.</param>
    /// <param name="timeout">The time; null for as long as it takes. With zero or less, what is not complete is cancelled
    /// without running.</param>
    /// <exception cref="TimeoutException">It had not ended in time, and was cancelled.</exception>
    public static Coroutine<T> WaitFor<T>(IAwaitable<T> awaitable, TimeSpan? timeout)
    {
        ArgumentNullException.ThrowIfNull(awaitable);
        return Durations.Finite(timeout) switch
        {
            null => Await(awaitable),
            { Ticks: > 0 } => Timeout(timeout, async _ => await awaitable),
            _ => WaitForNoTime(awaitable),
        };
    }

    /// <inheritdoc cref="WaitFor{T}(IAwaitable{T}, TimeSpan?)"/>
    /// <param name="awaitable">What to wait for. A coroutine runs in the task that waits.</param>
    /// <param name="seconds">The time in seconds.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is not a number.</exception>
    public static Coroutine<T> WaitFor<T>(IAwaitable<T> awaitable, double seconds) => WaitFor(awaitable, Durations.Seconds(seconds));

    /// <inheritdoc cref="WaitFor{T}(IAwaitable{T}, TimeSpan?)"/>
    public static Coroutine WaitFor(IAwaitable awaitable, TimeSpan? timeout)
    {
        ArgumentNullException.ThrowIfNull(awaitable);
        return Durations.Finite(timeout) switch
        {
            null => Await(awaitable),
            { Ticks: > 0 } => Timeout(timeout, async _ => await awaitable),
            _ => WaitForNoTime(awaitable),
        };
    }

    /// <inheritdoc cref="WaitFor{T}(IAwaitable{T}, double)"/>
    public static Coroutine WaitFor(IAwaitable awaitable, double seconds) => WaitFor(awaitable, Durations.Seconds(seconds));

    private static async Coroutine Await(IAwaitable awaitable) => await awaitable;

    private static async Coroutine<T> Await<T>(IAwaitable<T> awaitable) => await awaitable;

    private static async Coroutine<T> WaitForNoTime<T>(IAwaitable<T> awaitable)
    {
        var future = EnsureFuture(awaitable);
        await CancelUnlessCompleted(future);
        return Futures.ResultOf<T>(future);
    }

    private static async Coroutine WaitForNoTime(IAwaitable awaitable)
    {
        var future = EnsureFuture(awaitable);
        await CancelUnlessCompleted(future);
        future.ThrowUnlessSucceeded();
    }

    private static async Coroutine CancelUnlessCompleted(Future future)
    {
        if (future.IsCompleted)
            return;
        future.Cancel();
        await Wait([future]);
        // A gather tells of its cancellation by an exception.
        if (future.IsCanceled || future.PeekException() is CanceledException)
        {
            future.MarkRetrieved();
            throw new TimeoutException(
                "The operation was not complete, and there was no time to wait for it.", future.PeekException() ?? future.MakeCanceledException());
        }
    }
}
