namespace AsyncioSharp.CompilerServices;

/// <summary>
/// Which share of its time a loop has work. The loop's thread notes when it waits, and only while somebody wants to know;
/// another thread reads.
/// </summary>
internal sealed class LoopUtilization
{
    // Several readers, each with its own rhythm, get the value of a common interval rather than one of an instant.
    private const long ShortestInterval = TimeSpan.TicksPerSecond / 10;

    private const long Works = long.MinValue;

    private readonly object _gate = new(); // among readers
    private long _idle;
    private long _waitsSince = Works;
    private bool _hasBegun;
    private bool _wasRead;
    private long _readAt;
    private long _idleAtReading;
    private double _value;

    /// <summary>It is noted from now on, or no more.</summary>
    public void Restart(bool begins, long now)
    {
        lock (_gate)
        {
            (_hasBegun, _wasRead, _readAt, _idleAtReading) = (begins, false, now, _idle);
        }
    }

    /// <summary>The loop begins to wait; times are in ticks of 100 ns, on the loop's clock.</summary>
    public void BeginWait(long now) => Volatile.Write(ref _waitsSince, now);

    // Without a lock: a reader in between counts this wait twice, and the next time accordingly less.
    public void EndWait(long now)
    {
        if (_waitsSince == Works)
            return; // it was not noted
        Volatile.Write(ref _idle, _idle + now - _waitsSince);
        Volatile.Write(ref _waitsSince, Works);
    }

    /// <summary>The share since the last reading, from 0 to 1.</summary>
    /// <param name="now">The time.</param>
    /// <param name="waits">Whether the loop waits; for one that has waited since before anybody wanted to know.</param>
    /// <returns>Null if it is not known yet.</returns>
    public double? Read(long now, bool waits)
    {
        lock (_gate)
        {
            if (!_hasBegun)
                return waits ? 0 : null;
            var elapsed = now - _readAt;
            if (elapsed >= ShortestInterval || (!_wasRead && elapsed > 0))
            {
                var waitsSince = Volatile.Read(ref _waitsSince);
                var idle = Volatile.Read(ref _idle) + (waitsSince == Works ? 0 : Math.Max(0, now - waitsSince));
                _value = Math.Clamp(1 - ((double)(idle - _idleAtReading) / elapsed), 0, 1);
                (_readAt, _idleAtReading, _wasRead) = (now, idle, true);
            }
            return _wasRead ? _value : null;
        }
    }
}
