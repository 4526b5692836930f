namespace AsyncioSharp.LowLevel;

/// <summary>The marks of a transport's write buffer.</summary>
/// <param name="Low">With so many bytes left, writing is resumed.</param>
/// <param name="High">With more bytes than this, writing is paused.</param>
public readonly record struct WriteBufferLimits(int Low, int High)
{
    /// <summary>64 KiB and a quarter of it.</summary>
    public static WriteBufferLimits Default => Of(null, null);

    /// <summary>The marks for what was asked for.</summary>
    /// <param name="high">The high mark; by default 64 KiB, or four times the low mark.</param>
    /// <param name="low">The low mark; by default a quarter of the high mark.</param>
    /// <exception cref="ArgumentOutOfRangeException">The low mark is negative, or higher than the high mark.</exception>
    public static WriteBufferLimits Of(int? high, int? low)
    {
        var top = high ?? (low is { } given ? (int)Math.Min(4L * given, int.MaxValue) : 64 * 1024);
        var bottom = low ?? top / 4;
        if (bottom < 0 || bottom > top)
        {
            throw new ArgumentOutOfRangeException(
                nameof(low), $"The limits of a write buffer must satisfy 0 <= low <= high; these are low {bottom} and high {top}.");
        }
        return new WriteBufferLimits(bottom, top);
    }
}
