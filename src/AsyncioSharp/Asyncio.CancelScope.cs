using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

public static partial class Asyncio
{
    /// <summary>Runs a body in a scope that can be cancelled: by <see cref="AsyncioSharp.CancelScope.Cancel"/>, or by a deadline that
    /// the body sets. Then each of its awaits is cancelled until it ends, and whoever waits for it goes on.</summary>
    /// <param name="body">The body. It runs in the same task.</param>
    /// <param name="shield">Whether cancellations from outside are held back until the body has ended.</param>
    /// <returns>Whether the body was cut off.</returns>
    public static Coroutine<bool> CancelScope(Func<CancelScope, Coroutine> body, bool shield = false)
    {
        ArgumentNullException.ThrowIfNull(body);
        return CancelScopeCore(new CancelScope(null, null, shield), body);
    }

    /// <inheritdoc cref="CancelScope(Func{AsyncioSharp.CancelScope, Coroutine}, bool)"/>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <returns>What the body returned; or cancelled, if it was cut off.</returns>
    public static Coroutine<Outcome<T>> CancelScope<T>(Func<CancelScope, Coroutine<T>> body, bool shield = false)
    {
        ArgumentNullException.ThrowIfNull(body);
        return CancelScopeCore(new CancelScope(null, null, shield), body);
    }

    /// <summary>Runs a body that is cut off when a .NET token is cancelled, on whatever thread, and then goes on without an exception. To
    /// throw one, ask the token afterwards. Other cancellations reach the body as ever.</summary>
    /// <param name="cancellationToken">The token. If it is cancelled already, the body's first wait is cancelled.</param>
    /// <param name="body">The body. It runs in the same task.</param>
    /// <returns>Whether the body was cut off.</returns>
    public static Coroutine<bool> CancelScope(CancellationToken cancellationToken, Func<CancelScope, Coroutine> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return CancelScopeCore(new CancelScope(null, null, shield: false), Body);

        async Coroutine Body(CancelScope scope)
        {
            using var link = scope.LinkTo(cancellationToken);
            await body(scope);
        }
    }

    /// <inheritdoc cref="CancelScope(CancellationToken, Func{AsyncioSharp.CancelScope, Coroutine})"/>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <returns>What the body returned; or cancelled, if it was cut off.</returns>
    public static Coroutine<Outcome<T>> CancelScope<T>(CancellationToken cancellationToken, Func<CancelScope, Coroutine<T>> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return CancelScopeCore(new CancelScope(null, null, shield: false), Body);

        async Coroutine<T> Body(CancelScope scope)
        {
            using var link = scope.LinkTo(cancellationToken);
            return await body(scope);
        }
    }

    /// <summary>
    /// Runs a body that is cut off if it has not ended in time, and then goes on without an exception. The time runs from this
    /// call.
    /// </summary>
    /// <param name="delay">The time; null for as long as it takes. With zero or less, the body's first wait is cancelled.</param>
    /// <param name="body">The body. It runs in the same task.</param>
    /// <param name="shield">Whether cancellations from outside are held back until the body has ended: for clean-up that may take
    /// a while, but not for ever.</param>
    /// <returns>Whether the body was cut off.</returns>
    public static Coroutine<bool> MoveOnAfter(TimeSpan? delay, Func<CancelScope, Coroutine> body, bool shield = false)
    {
        ArgumentNullException.ThrowIfNull(body);
        return CancelScopeCore(CancelScopeFor(delay, shield), body);
    }

    /// <inheritdoc cref="MoveOnAfter(TimeSpan?, Func{AsyncioSharp.CancelScope, Coroutine}, bool)"/>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <returns>What the body returned; or cancelled, if it was cut off.</returns>
    public static Coroutine<Outcome<T>> MoveOnAfter<T>(TimeSpan? delay, Func<CancelScope, Coroutine<T>> body, bool shield = false)
    {
        ArgumentNullException.ThrowIfNull(body);
        return CancelScopeCore(CancelScopeFor(delay, shield), body);
    }

    /// <inheritdoc cref="MoveOnAfter(TimeSpan?, Func{AsyncioSharp.CancelScope, Coroutine}, bool)"/>
    /// <param name="seconds">The time in seconds.</param>
    /// <param name="body">The body. It runs in the same task.</param>
    /// <param name="shield">Whether cancellations from outside are held back until the body has ended.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is not a number.</exception>
    public static Coroutine<bool> MoveOnAfter(double seconds, Func<CancelScope, Coroutine> body, bool shield = false) =>
        MoveOnAfter(Durations.Seconds(seconds), body, shield);

    /// <inheritdoc cref="MoveOnAfter{T}(TimeSpan?, Func{AsyncioSharp.CancelScope, Coroutine{T}}, bool)"/>
    /// <param name="seconds">The time in seconds.</param>
    /// <param name="body">The body. It runs in the same task.</param>
    /// <param name="shield">Whether cancellations from outside are held back until the body has ended.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is not a number.</exception>
    public static Coroutine<Outcome<T>> MoveOnAfter<T>(double seconds, Func<CancelScope, Coroutine<T>> body, bool shield = false) =>
        MoveOnAfter(Durations.Seconds(seconds), body, shield);

    /// <summary>Runs a body that is cut off at a deadline, and then goes on without an exception.</summary>
    /// <param name="when">The deadline on the clock of <see cref="EventLoop.Time"/>; null for none.</param>
    /// <param name="body">The body. It runs in the same task.</param>
    /// <param name="shield">Whether cancellations from outside are held back until the body has ended.</param>
    /// <returns>Whether the body was cut off.</returns>
    public static Coroutine<bool> MoveOnAt(TimeSpan? when, Func<CancelScope, Coroutine> body, bool shield = false)
    {
        ArgumentNullException.ThrowIfNull(body);
        return CancelScopeCore(new CancelScope(when, null, shield), body);
    }

    /// <inheritdoc cref="MoveOnAt(TimeSpan?, Func{AsyncioSharp.CancelScope, Coroutine}, bool)"/>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <returns>What the body returned; or cancelled, if it was cut off.</returns>
    public static Coroutine<Outcome<T>> MoveOnAt<T>(TimeSpan? when, Func<CancelScope, Coroutine<T>> body, bool shield = false)
    {
        ArgumentNullException.ThrowIfNull(body);
        return CancelScopeCore(new CancelScope(when, null, shield), body);
    }

    /// <summary>
    /// Runs a body that is not interrupted from outside. Cancelling the task, a timeout or a scope around it is held back meanwhile
    /// and takes effect at the first wait afterwards. Unlike <see cref="Shield(IAwaitable)"/> this waits for the body in any
    /// case: use it for clean-up, and see that it ends, or bound it with
    /// <see cref="MoveOnAfter(TimeSpan?, Func{AsyncioSharp.CancelScope, Coroutine}, bool)"/>.
    /// </summary>
    /// <param name="body">The body. It runs in the same task; timeouts and groups inside it work as ever.</param>
    public static Coroutine Shielded(Func<Coroutine> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return ShieldedCore(body);

        static async Coroutine ShieldedCore(Func<Coroutine> body) => await CancelScope(_ => body(), shield: true);
    }

    /// <inheritdoc cref="Shielded(Func{Coroutine})"/>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <returns>What the body returned.</returns>
    public static Coroutine<T> Shielded<T>(Func<Coroutine<T>> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return ShieldedCore(body);

        static async Coroutine<T> ShieldedCore(Func<Coroutine<T>> body) => (await CancelScope(_ => body(), shield: true)).Value;
    }

    private static CancelScope CancelScopeFor(TimeSpan? delay, bool shield) => DeadlineOf(delay) is { } deadline
        ? new CancelScope(deadline, null, shield)
        : new CancelScope(null, Durations.Finite(delay), shield);

    private static async Coroutine<bool> CancelScopeCore(CancelScope scope, Func<CancelScope, Coroutine> body)
    {
        scope.Enter();
        try
        {
            await body(scope);
        }
        catch (Exception e)
        {
            if (scope.Leave(e))
                return true;
            throw;
        }
        scope.Leave(null);
        return false;
    }

    private static async Coroutine<Outcome<T>> CancelScopeCore<T>(CancelScope scope, Func<CancelScope, Coroutine<T>> body)
    {
        T result;
        scope.Enter();
        try
        {
            result = await body(scope);
        }
        catch (Exception e)
        {
            if (scope.Leave(e))
                return new Outcome<T>(e as CanceledException ?? new CanceledException(scope.CancelReason, e));
            throw;
        }
        scope.Leave(null);
        return new Outcome<T>(result);
    }
}
