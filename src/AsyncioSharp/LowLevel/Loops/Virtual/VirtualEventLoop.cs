namespace AsyncioSharp.LowLevel;

/// <summary>
/// A loop in virtual time, for tests: when nothing is ready the clock jumps to the next deadline, so that no timer and no
/// timeout is ever waited for, and the same program always runs the same way. It has no network.
/// </summary>
/// <remarks>
/// The clock stands still while functions run in an executor (<see cref="Asyncio.ToThread(Action, CapacityLimiter?)"/>): these take real
/// time, and the loop waits for them. Other threads it does not know of. <see cref="EventLoop.TimeProvider"/> follows the virtual clock.
/// </remarks>
public sealed class VirtualEventLoop : EventLoop
{
    private static readonly DateTimeOffset s_start = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ManualResetEventSlim _wakeUp = new();
    private long _now;

    internal override long Now => _now;

    internal override DateTimeOffset UtcNow => s_start.AddTicks(_now);

    /// <summary>Moves the clock forward, as if the callback that runs had taken so long.</summary>
    /// <param name="time">By how much.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        _now += time.Ticks;
    }

    internal override void WaitElsewhere(long timeout)
    {
        _wakeUp.Wait();
        _wakeUp.Reset();
    }

    // Time passes by itself unless functions run in an executor: nothing is waited for, but for these.
    private protected override long LimitWait(long timeout) => timeout > 0 ? RunningInExecutor == 0 ? 0 : -1 : timeout;

    private protected override void TakeEvents()
    {
        if (HasNothingToRun && RunningInExecutor == 0 && !Timers.IsEmpty)
            _now = Math.Max(_now, Timers.NextDeadline);
    }

    private protected override void Poll(long timeout)
    {
        if (timeout == 0)
            return;
        if (timeout > 0 && RunningInExecutor == 0)
        {
            _now += timeout;
            return;
        }
        WaitElsewhere(timeout);
    }

    private protected override bool HasWatched => false; // it has no network

    private protected override void WakeUp() => _wakeUp.Set();

    private protected override void CloseBackend() { }
}
