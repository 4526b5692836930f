using System.Runtime.CompilerServices;

namespace AsyncioSharp.LowLevel;

/// <summary>Durations as .NET's callers write them.</summary>
internal static class Durations
{
    /// <summary>.NET says "for ever" with <see cref="Timeout.InfiniteTimeSpan"/>, which is a negative duration; here it is null.</summary>
    public static TimeSpan? Finite(TimeSpan? duration) => duration == Timeout.InfiniteTimeSpan ? null : duration;

    /// <summary>
    /// A duration in seconds; one too long for a <see cref="TimeSpan"/> becomes the longest there is. A negative one is none: among
    /// them is what .NET has for an infinite one.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not a number.</exception>
    public static TimeSpan Seconds(double seconds, [CallerArgumentExpression(nameof(seconds))] string? name = null)
    {
        if (double.IsNaN(seconds))
            throw new ArgumentOutOfRangeException(name, "A duration must be a number, not NaN.");
        return seconds >= TimeSpan.MaxValue.TotalSeconds ? TimeSpan.MaxValue
            : seconds <= 0 ? TimeSpan.Zero
            : TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond));
    }
}
