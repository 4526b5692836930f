using System.Diagnostics;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>When what several loops do together is to be over.</summary>
/// <param name="time">How long from now; null for as long as it takes.</param>
internal readonly struct Deadline(TimeSpan? time)
{
    // .NET's timers take no longer one.
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly TimeSpan? _time = Durations.Finite(time);
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>How long that is from now, none if it has passed; null if there is none.</summary>
    public TimeSpan? Left => _time is not { } time ? null
        : Stopwatch.GetElapsedTime(_start) is var passed && passed < time ? time - passed : TimeSpan.Zero;

    /// <summary>Several durations together: null if one of them is, or if it is longer than .NET can wait, which is some weeks.</summary>
    public static TimeSpan? Sum(params ReadOnlySpan<TimeSpan?> durations)
    {
        var sum = TimeSpan.Zero;
        foreach (var duration in durations)
        {
            if (duration is not { } time || time > s_longestWait)
                return null;
            if (time > TimeSpan.Zero)
                sum += time;
        }
        return sum <= s_longestWait ? sum : null;
    }
}
