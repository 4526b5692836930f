namespace AsyncioSharp.LowLevel;

/// <summary>A .NET timer on a loop. It can be changed and disposed on any thread; its callback runs on the loop's.</summary>
internal sealed class LoopTimer(EventLoop loop, TimerCallback callback, object? state) : ITimer
{
    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private TimerHandle _handle;
    private TimeSpan _period;
    private long _generation; // counts the changes; below zero once disposed of

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, Timeout.InfiniteTimeSpan);
        ArgumentOutOfRangeException.ThrowIfLessThan(period, Timeout.InfiniteTimeSpan);
        var generation = Interlocked.Increment(ref _generation);
        if (generation < 0 || loop.IsClosed)
            return false;
        TimeSpan? when = dueTime == Timeout.InfiniteTimeSpan ? null : TimeSpan.FromTicks(loop.Deadline(dueTime));
        if (loop.IsOnThread)
            Arm(when, period, generation);
        else
            loop.PostOrDrop(new ThreadsafeCallback(() => Arm(when, period, generation), null));
        return true;
    }

    public void Dispose()
    {
        // Far below zero: no later change brings it back.
        if (Interlocked.Exchange(ref _generation, long.MinValue) < 0 || loop.IsClosed)
            return;
        if (loop.IsOnThread)
            _handle.Cancel();
        else
            loop.PostOrDrop(new ThreadsafeCallback(() => _handle.Cancel(), null));
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    private void Arm(TimeSpan? when, TimeSpan period, long generation)
    {
        // An older change that arrives late, from another thread.
        if (generation != Volatile.Read(ref _generation))
            return;
        _handle.Cancel();
        _period = period;
        if (when is { } deadline)
            _handle = loop.CallAt(deadline, static timer => timer.Fire(), this, _context);
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
