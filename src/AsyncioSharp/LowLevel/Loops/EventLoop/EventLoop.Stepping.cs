using System.Diagnostics;

namespace AsyncioSharp.LowLevel;

// Run in pieces by a host that keeps the thread.
public abstract partial class EventLoop
{
    private Thread? _watchedThread;

    /// <summary>
    /// Runs what is ready, without waiting, and returns: for a host that has a loop of its own, such as a game, and calls this
    /// once in each of its rounds. Input and output, other threads and timers are looked at first. The loop runs only during
    /// the call; what the host does with it in between is done on a loop that stands still.
    /// </summary>
    /// <param name="budget">For how long it may go on with what has become ready meanwhile; by default it runs one iteration. A
    /// callback is never interrupted, so that it can take longer.</param>
    /// <returns>When it has something to do again: zero if at once; null if only input, output or another thread can bring
    /// something, which the next call will see.</returns>
    /// <remarks><see cref="Stop"/> has nothing to end here, and is forgotten when the call returns. On a <see cref="VirtualEventLoop"/> the
    /// clock stands still unless the host moves it (<see cref="VirtualEventLoop.Advance"/>). A host that can be asked to run something on its
    /// thread has more of a guest run (<see cref="Asyncio.StartGuestRun(Func{Coroutine}, Action{Action}, Action{GuestRun}?, RunnerOptions?)"/>),
    /// which asks when there is something to do.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The budget is negative.</exception>
    /// <exception cref="InvalidOperationException">It runs already, as when a callback of its own has called this; or another loop
    /// runs on this thread.</exception>
    /// <exception cref="ObjectDisposedException">It was closed.</exception>
    public TimeSpan? RunOnce(TimeSpan budget = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(budget, TimeSpan.Zero);
        CheckCanRun();
        RunTurns(budget);
        if (Ready.Count > 0 || !_inbox.IsEmpty)
            return TimeSpan.Zero;
        var ticks = TimeToNextTimer;
        return ticks < 0 ? null : TimeSpan.FromTicks(ticks);
    }

    private unsafe void RunTurns(TimeSpan budget)
    {
        byte local;
        var outside = Enter(&local);
        try
        {
            ResumeWatching();
            ResumeMeasuring();
            var began = budget > TimeSpan.Zero ? Stopwatch.GetTimestamp() : 0;
            BeginPieces();
            if (_guest is not null)
                TakeWhatCame();
            if (_debug)
                ReportAbandoned(collect: false);
            do
            {
                _stopping = true; // so that the iteration looks at everything, and waits for nothing
                Turn();
            }
            while (Ready.Count > 0 && began != 0 && Stopwatch.GetElapsedTime(began) < budget);
        }
        finally
        {
            PauseMeasuring();
            PauseWatching();
            Leave(outside);
        }
    }

    // The watchdog is not told of each piece anew: between two the loop waits, as far as it is concerned.
    private void ResumeWatching()
    {
        if (_stallThreshold is null)
            return;
        _runs++; // it may have looked into the piece before as well, in which perhaps nothing was run
        if (_watched is null || !ReferenceEquals(_watchedThread, _thread))
            BeginWatching();
        _watchedThread = _thread;
        Volatile.Write(ref _isWaiting, false);
    }

    private void PauseWatching() => Volatile.Write(ref _isWaiting, true);
}
