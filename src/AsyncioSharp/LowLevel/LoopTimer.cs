namespace AsyncioSharp.LowLevel;

/// <summary>A .NET timer on a loop. It can be changed and disposed on any thread; its callback runs on the loop's.</summary>
internal sealed class LoopTimer(EventLoop loop, TimerCallback callback, object? state) : ITimer
{
    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private TimerHandle _handle;
    private TimeSpan _period;
    private int _generation;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, Timeout.InfiniteTimeSpan);
        ArgumentOutOfRangeException.ThrowIfLessThan(period, Timeout.InfiniteTimeSpan);
        var generation = Interlocked.Increment(ref _generation);
        if (generation < 0)
            return false;
        if (loop.IsClosed)
            return false;
        if (loop.IsOnThread || !loop.IsRunning)
            Arm(dueTime, period, generation);
        else
            loop.CallSoonThreadsafe(() => Arm(dueTime, period, generation));
        return true;
    }

    public void Dispose()
    {
        // Far below zero: no later change brings it back.
        if (Interlocked.Exchange(ref _generation, int.MinValue) < 0 || loop.IsClosed)
            return;
        if (loop.IsOnThread || !loop.IsRunning)
            _handle.Cancel();
        else
            loop.CallSoonThreadsafe(() => _handle.Cancel());
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    private void Arm(TimeSpan dueTime, TimeSpan period, int generation)
    {
        // An older change that arrives late, from another thread.
        if (generation != Volatile.Read(ref _generation))
            return;
        _handle.Cancel();
        _period = period;
        if (dueTime != Timeout.InfiniteTimeSpan)
            _handle = loop.CallLater(dueTime, static timer => timer.Fire(), this, _context);
    }

    private void Fire()
    {
        if (Volatile.Read(ref _generation) < 0)
            return;
        if (_period > TimeSpan.Zero)
            _handle = loop.CallLater(_period, static timer => timer.Fire(), this, _context);
        callback(state);
    }
}
