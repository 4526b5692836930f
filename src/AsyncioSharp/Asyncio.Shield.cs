using AsyncioSharp.CompilerServices;

namespace AsyncioSharp;

public static partial class Asyncio
{
    /// <summary>
    /// Protects something from the cancellation of whoever waits for it (<c>asyncio.shield()</c>): the wait ends, the thing
    /// runs on. If it fails then, the loop's exception handler is told.
    /// </summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="inner">What to protect. A coroutine becomes a task.</param>
    /// <exception cref="InvalidOperationException">It is a coroutine that was awaited already, or no loop runs.</exception>
    public static Future<T> Shield<T>(IAwaitable<T> inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        return new ShieldFuture<T>(EnsureFuture(inner));
    }

    /// <inheritdoc cref="Shield{T}(IAwaitable{T})"/>
    public static Future Shield(IAwaitable inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        return new ShieldFuture<object?>(EnsureFuture(inner));
    }
}
