using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

public static partial class Asyncio
{
    /// <summary>
    /// Runs a body that is cancelled if it has not ended in time (<c>asyncio.timeout()</c>); then a
    /// <see cref="TimeoutException"/> is thrown. The time runs from this call.
    /// </summary>
    /// <param name="delay">The time; null for as long as it takes.</param>
    /// <param name="body">The body. It runs in the same task.</param>
    /// <exception cref="TimeoutException">The body had not ended in time.</exception>
    public static Coroutine Timeout(TimeSpan? delay, Func<TimeoutScope, Coroutine> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return TimeoutCore(ScopeFor(delay), body);
    }

    /// <inheritdoc cref="Timeout(TimeSpan?, Func{TimeoutScope, Coroutine})"/>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <returns>What the body returned.</returns>
    public static Coroutine<T> Timeout<T>(TimeSpan? delay, Func<TimeoutScope, Coroutine<T>> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return TimeoutCore(ScopeFor(delay), body);
    }

    /// <inheritdoc cref="Timeout(TimeSpan?, Func{TimeoutScope, Coroutine})"/>
    /// <param name="seconds">The time in seconds.</param>
    /// <param name="body">The body. It runs in the same task.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is not a number.</exception>
    public static Coroutine Timeout(double seconds, Func<TimeoutScope, Coroutine> body) => Timeout(Durations.Seconds(seconds), body);

    /// <inheritdoc cref="Timeout{T}(TimeSpan?, Func{TimeoutScope, Coroutine{T}})"/>
    /// <param name="seconds">The time in seconds.</param>
    /// <param name="body">The body. It runs in the same task.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is not a number.</exception>
    public static Coroutine<T> Timeout<T>(double seconds, Func<TimeoutScope, Coroutine<T>> body) => Timeout(Durations.Seconds(seconds), body);

    /// <summary>Runs a body that is cancelled at a deadline (<c>asyncio.timeout_at()</c>); then a
    /// <see cref="TimeoutException"/> is thrown.</summary>
    /// <param name="when">The deadline on the clock of <see cref="EventLoop.Time"/>; null for none.</param>
    /// <param name="body">The body. It runs in the same task.</param>
    /// <exception cref="TimeoutException">The body had not ended in time.</exception>
    public static Coroutine TimeoutAt(TimeSpan? when, Func<TimeoutScope, Coroutine> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return TimeoutCore(new TimeoutScope(when, null), body);
    }

    /// <inheritdoc cref="TimeoutAt(TimeSpan?, Func{TimeoutScope, Coroutine})"/>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <returns>What the body returned.</returns>
    public static Coroutine<T> TimeoutAt<T>(TimeSpan? when, Func<TimeoutScope, Coroutine<T>> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return TimeoutCore(new TimeoutScope(when, null), body);
    }

    private static TimeoutScope ScopeFor(TimeSpan? delay) => new(DeadlineOf(delay), Durations.Finite(delay));

    // The deadline counts from the call. Where no loop runs yet, there is none, and it counts from the start.
    private static TimeSpan? DeadlineOf(TimeSpan? delay) =>
        Durations.Finite(delay) is { } time && EventLoop.RunningOrNull is { } loop ? TimeSpan.FromTicks(loop.Deadline(time)) : null;

    private static async Coroutine TimeoutCore(TimeoutScope scope, Func<TimeoutScope, Coroutine> body)
    {
        scope.Enter();
        try
        {
            await body(scope);
        }
        catch (Exception e)
        {
            if (scope.ExitWith(e))
                throw scope.MakeException(e);
            throw;
        }
        scope.Exit();
    }

    private static async Coroutine<T> TimeoutCore<T>(TimeoutScope scope, Func<TimeoutScope, Coroutine<T>> body)
    {
        T result;
        scope.Enter();
        try
        {
            result = await body(scope);
        }
        catch (Exception e)
        {
            if (scope.ExitWith(e))
                throw scope.MakeException(e);
            throw;
        }
        scope.Exit();
        return result;
    }
}
