using System.Diagnostics;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    private LoopTimeProvider? _timeProvider;

    /// <summary>The loop's clock (<c>loop.time()</c>): it only goes forward, and its zero means nothing.</summary>
    public TimeSpan Time => TimeSpan.FromTicks(Now);

    /// <summary>
    /// The loop's clock for .NET code that takes one. Its timers run on the loop's thread; on a loop in virtual time they
    /// follow that.
    /// </summary>
    public TimeProvider TimeProvider => _timeProvider ?? MakeTimeProvider();

    /// <summary>The clock in ticks of 100 ns.</summary>
    internal virtual long Now => Stopwatch.Frequency == 1_000_000_000
        ? Stopwatch.GetTimestamp() / 100
        : (long)(Stopwatch.GetTimestamp() * ((double)TimeSpan.TicksPerSecond / Stopwatch.Frequency));

    /// <summary>The wall clock.</summary>
    internal virtual DateTimeOffset UtcNow => DateTimeOffset.UtcNow;

    // Any thread may ask first; there is one for good.
    private LoopTimeProvider MakeTimeProvider()
    {
        var made = new LoopTimeProvider(this);
        return Interlocked.CompareExchange(ref _timeProvider, made, null) ?? made;
    }
}
