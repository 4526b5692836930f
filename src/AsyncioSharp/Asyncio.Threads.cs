using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

public static partial class Asyncio
{
    /// <summary>
    /// Runs a function on another thread (<c>asyncio.to_thread()</c>), in a copy of the current execution context. When
    /// the coroutine is cancelled it stops waiting; the function runs on unless it looks at a token.
    /// </summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="function">The function.</param>
    /// <param name="limiter">Bounds how many functions run at a time. The function holds a token until it has ended, also
    /// where the coroutine was cancelled and waits no more.</param>
    /// <exception cref="InvalidOperationException">The loop's default executor was shut down.</exception>
    public static Coroutine<T> ToThread<T>(Func<T> function, CapacityLimiter? limiter = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        return ToThreadCore(static (function, _) => ((Func<T>)function)(), function, limiter);
    }

    /// <inheritdoc cref="ToThread{T}(Func{T}, CapacityLimiter?)"/>
    /// <param name="function">The function; its token is cancelled together with the coroutine.</param>
    /// <param name="limiter">Bounds how many functions run at a time. The function holds a token until it has ended, also
    /// where the coroutine was cancelled and waits no more.</param>
    public static Coroutine<T> ToThread<T>(Func<CancellationToken, T> function, CapacityLimiter? limiter = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        return ToThreadCore(static (function, token) => ((Func<CancellationToken, T>)function)(token), function, limiter);
    }

    /// <summary>Runs an action on another thread (<c>asyncio.to_thread()</c>).</summary>
    /// <param name="action">The action.</param>
    /// <param name="limiter">Bounds how many functions run at a time. The function holds a token until it has ended, also
    /// where the coroutine was cancelled and waits no more.</param>
    /// <exception cref="InvalidOperationException">The loop's default executor was shut down.</exception>
    public static Coroutine ToThread(Action action, CapacityLimiter? limiter = null)
    {
        ArgumentNullException.ThrowIfNull(action);
        return ToThreadCore(static (action, _) =>
        {
            ((Action)action)();
            return true;
        }, action, limiter);
    }

    /// <inheritdoc cref="ToThread(Action, CapacityLimiter?)"/>
    /// <param name="action">The action; its token is cancelled together with the coroutine.</param>
    /// <param name="limiter">Bounds how many functions run at a time. The function holds a token until it has ended, also
    /// where the coroutine was cancelled and waits no more.</param>
    public static Coroutine ToThread(Action<CancellationToken> action, CapacityLimiter? limiter = null)
    {
        ArgumentNullException.ThrowIfNull(action);
        return ToThreadCore(static (action, token) =>
        {
            ((Action<CancellationToken>)action)(token);
            return true;
        }, action, limiter);
    }

    private static async Coroutine<T> ToThreadCore<T>(Func<Delegate, CancellationToken, T> call, Delegate function, CapacityLimiter? limiter)
    {
        var source = new CancellationTokenSource();
        var future = limiter is null
            ? EventLoop.Running.RunInExecutor<Delegate, T>(null, call, function, source.Token)
            : await RunLimited(call, function, source, limiter);
        try
        {
            return await future;
        }
        catch (CanceledException) when (future.IsCanceled)
        {
            source.CancelOrReport(future, "A callback of the token of a function on another thread failed.");
            throw;
        }
        finally
        {
            // Cancelled, the function still runs and may use its token; the collector has the source in the end.
            if (!future.IsCanceled)
                source.Dispose();
        }
    }

    /// <summary>Starts the function as soon as there is a token for it.</summary>
    private static async Coroutine<Future<T>> RunLimited<T>(
        Func<Delegate, CancellationToken, T> call, Delegate function, CancellationTokenSource source, CapacityLimiter limiter)
    {
        // The function is the borrower, not the task: a task that was cancelled may start another one, while this one still runs.
        var token = await limiter.AcquireOnBehalfOfAsync(source);
        try
        {
            return EventLoop.Running.RunInExecutor<Delegate, T>(null, call, function, source.Token, token.Dispose);
        }
        catch
        {
            token.Dispose(); // it was refused
            throw;
        }
    }
}
