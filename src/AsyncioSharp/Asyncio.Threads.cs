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
    public static Coroutine<T> ToThread<T>(Func<T> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return ToThreadCore(static (function, _) => ((Func<T>)function)(), function);
    }

    /// <inheritdoc cref="ToThread{T}(Func{T})"/>
    /// <param name="function">The function; its token is cancelled together with the coroutine.</param>
    public static Coroutine<T> ToThread<T>(Func<CancellationToken, T> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return ToThreadCore(static (function, token) => ((Func<CancellationToken, T>)function)(token), function);
    }

    /// <summary>Runs an action on another thread (<c>asyncio.to_thread()</c>).</summary>
    /// <param name="action">The action.</param>
    public static Coroutine ToThread(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return ToThreadCore(static (action, _) =>
        {
            ((Action)action)();
            return true;
        }, action);
    }

    /// <inheritdoc cref="ToThread(Action)"/>
    /// <param name="action">The action; its token is cancelled together with the coroutine.</param>
    public static Coroutine ToThread(Action<CancellationToken> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return ToThreadCore(static (action, token) =>
        {
            ((Action<CancellationToken>)action)(token);
            return true;
        }, action);
    }

    private static async Coroutine<T> ToThreadCore<T>(Func<Delegate, CancellationToken, T> call, Delegate function)
    {
        var source = new CancellationTokenSource();
        var future = EventLoop.Running.RunInExecutor<Delegate, T>(null, call, function, source.Token);
        try
        {
            return await future;
        }
        catch (CanceledException) when (future.IsCanceled)
        {
            source.Cancel();
            throw;
        }
        finally
        {
            // Cancelled, the function still runs and may use its token; the collector has the source in the end.
            if (!future.IsCanceled)
                source.Dispose();
        }
    }
}
