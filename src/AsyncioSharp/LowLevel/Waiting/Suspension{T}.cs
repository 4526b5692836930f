using System.Diagnostics;
using AsyncioSharp.CompilerServices;

namespace AsyncioSharp.LowLevel;

/// <summary>A <see cref="Suspension"/> whose await has a result.</summary>
/// <typeparam name="T">The result's type.</typeparam>
public abstract class Suspension<T> : Suspension
{
    /// <summary>
    /// An await ends: with the task that was rescheduled, or with one that need not park. Here is the place to take what
    /// was waited for. What it throws, the await throws.
    /// </summary>
    /// <param name="argument">What was passed to <see cref="ParkAsync"/>.</param>
    protected internal abstract T Pass(int argument);

    /// <inheritdoc cref="Suspension.ParkAsync"/>
    protected Coroutine<T> ParkAsync(int argument = 0) => new(this, argument);

    [StackTraceHidden]
    internal sealed override void End(long token) => EndWithResult((int)token);

    /// <summary><see cref="CoroutineSource.End"/> with the result.</summary>
    [StackTraceHidden]
    internal T EndWithResult(int token) => Delivery.TryTake(out var handed) ? (T)handed.Value! : Pass(token);
}
