namespace AsyncioSharp;

/// <summary>The front of the library: what Python finds in the module <c>asyncio</c>.</summary>
public static partial class Asyncio
{
    /// <summary>Waits for a time (<c>asyncio.sleep()</c>). A delay of zero or less lets the loop turn once, as
    /// <see cref="Yield"/> does.</summary>
    /// <param name="delay">How long; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for ever, until it is cancelled.</param>
    public static Coroutine Sleep(TimeSpan delay) => delay > TimeSpan.Zero
        ? new Coroutine(null, delay.Ticks)
        : delay == System.Threading.Timeout.InfiniteTimeSpan ? new Coroutine(null, long.MaxValue) : Yield();

    /// <summary>Waits for a time (<c>asyncio.sleep()</c>).</summary>
    /// <param name="seconds">How long, in seconds.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not a number.</exception>
    public static Coroutine Sleep(double seconds) => Sleep(Seconds(seconds));

    /// <summary>Waits for a time and gives a result (<c>asyncio.sleep(delay, result)</c>).</summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="delay">How long.</param>
    /// <param name="result">The result.</param>
    public static async Coroutine<T> Sleep<T>(TimeSpan delay, T result)
    {
        await Sleep(delay);
        return result;
    }

    /// <inheritdoc cref="Sleep{T}(TimeSpan, T)"/>
    /// <param name="seconds">How long, in seconds.</param>
    /// <param name="result">The result.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not a number.</exception>
    public static Coroutine<T> Sleep<T>(double seconds, T result) => Sleep(Seconds(seconds), result);

    /// <summary>Lets everything else that is ready run first (<c>asyncio.sleep(0)</c>).</summary>
    public static Coroutine Yield() => new(null, -1);

    /// <summary>
    /// A duration in seconds; one too long for a <see cref="TimeSpan"/> becomes the longest there is. A negative one is none: among
    /// them is what .NET has for an infinite one.
    /// </summary>
    internal static TimeSpan Seconds(double seconds, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(seconds))] string? name = null)
    {
        if (double.IsNaN(seconds))
            throw new ArgumentOutOfRangeException(name, "A duration must be a number, not NaN.");
        return seconds >= TimeSpan.MaxValue.TotalSeconds ? TimeSpan.MaxValue
            : seconds <= 0 ? TimeSpan.Zero
            : TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond));
    }
}
