using System.Diagnostics;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    private static readonly double s_ticksPerTimestamp = (double)TimeSpan.TicksPerSecond / Stopwatch.Frequency;

    /// <summary>The loop's clock (<c>loop.time()</c>): it only goes forward, and its zero means nothing.</summary>
    public TimeSpan Time => TimeSpan.FromTicks(Now);

    /// <summary>
    /// The loop's clock for .NET code that takes one. Its timers run on the loop's thread; on a loop in virtual time they
    /// follow that.
    /// </summary>
    public TimeProvider TimeProvider { get; }

    /// <summary>The clock in ticks of 100 ns.</summary>
    internal virtual long Now => Stopwatch.Frequency == 1_000_000_000
        ? Stopwatch.GetTimestamp() / 100
        : (long)(Stopwatch.GetTimestamp() * s_ticksPerTimestamp);

    /// <summary>The wall clock.</summary>
    internal virtual DateTimeOffset UtcNow => DateTimeOffset.UtcNow;
}
