namespace AsyncioSharp.LowLevel;

/// <summary>Durations as .NET's callers write them.</summary>
internal static class Durations
{
    /// <summary>.NET says "for ever" with <see cref="Timeout.InfiniteTimeSpan"/>, which is a negative duration; here it is null.</summary>
    public static TimeSpan? Finite(TimeSpan? duration) => duration == Timeout.InfiniteTimeSpan ? null : duration;
}
