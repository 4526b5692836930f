using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

public static partial class Asyncio
{
    /// <summary>Waits for a time (<c>asyncio.sleep()</c>). A delay of zero or less lets the loop turn once, as
    /// <see cref="Yield"/> does.</summary>
    /// <param name="delay">How long; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for ever, until it is cancelled.</param>
    public static Coroutine Sleep(TimeSpan delay) => Coroutine.Sleep(delay);

    /// <summary>Waits for a time (<c>asyncio.sleep()</c>).</summary>
    /// <param name="seconds">How long, in seconds.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not a number.</exception>
    public static Coroutine Sleep(double seconds) => Sleep(Durations.Seconds(seconds));

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
    public static Coroutine<T> Sleep<T>(double seconds, T result) => Sleep(Durations.Seconds(seconds), result);

    /// <summary>Lets everything else that is ready run first (<c>asyncio.sleep(0)</c>).</summary>
    public static Coroutine Yield() => Coroutine.Yield();
}
