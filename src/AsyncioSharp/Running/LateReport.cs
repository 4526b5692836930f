using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// While the end of a run waits: tells after a time what for, as it may be for ever. Real time, on a loop of virtual time too: what
/// holds it up lives outside the loop.
/// </summary>
internal abstract class LateReport : IDisposable
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1); // that a Timer takes

    private readonly Timer _timer;

    protected LateReport(EventLoop loop, TimeSpan delay)
    {
        Loop = loop;
        delay = delay <= s_longest ? delay : Timeout.InfiniteTimeSpan;
        _timer = new Timer(static late => ((LateReport)late!).Look(), this, delay, Timeout.InfiniteTimeSpan);
    }

    protected EventLoop Loop { get; }

    public void Dispose() => _timer.Dispose();

    /// <summary>Tells of it, on the loop.</summary>
    protected abstract void Report();

    private void Look() => Loop.PostOrDrop(new ThreadsafeCallback(Report, null));
}
