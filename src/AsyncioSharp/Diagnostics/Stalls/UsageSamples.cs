using System.Diagnostics;

namespace AsyncioSharp.CompilerServices;

/// <summary>What a thread was seen doing in a time.</summary>
internal struct UsageSamples
{
    // The kernel brings its figures up to date with every tick of its clock, of which there are 100 in a second or more.
    private static readonly TimeSpan s_resolution = TimeSpan.FromMilliseconds(10);

    private int _count;
    private int _asleep;
    private bool _failed;
    private long _began;
    private TimeSpan _onProcessorBefore;
    private TimeSpan _onProcessor;

    /// <summary>Looks at the thread once more.</summary>
    public void Add(string? directory)
    {
        if (ThreadUsage.Of(directory) is not { } usage)
        {
            _failed = true;
            return;
        }
        if (_count++ == 0)
        {
            _began = Stopwatch.GetTimestamp();
            _onProcessorBefore = usage.OnProcessor;
        }
        if (!usage.IsRunnable)
            _asleep++;
        _onProcessor = usage.OnProcessor - _onProcessorBefore;
    }

    /// <summary>The sum of it.</summary>
    public readonly StallKind Kind
    {
        get
        {
            var time = _count == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_began);
            if (_failed || time < s_resolution)
                return StallKind.Unknown;
            if (_asleep * 2 > _count)
                return StallKind.Blocked;
            // A thread that computes gets some share of a processor also where there are far too few.
            return _onProcessor >= time / 10 ? StallKind.Computing : StallKind.Starved;
        }
    }
}
