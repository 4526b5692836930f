namespace AsyncioSharp.LowLevel;

// Guest mode: the host's thread runs the callbacks, in slices, and a thread of the library's waits in between.
public abstract partial class EventLoop
{
    private ILoopHost? _guest;

    /// <summary>From now on only its host runs it.</summary>
    internal void BeginGuest(ILoopHost host)
    {
        CheckCanRun();
        _guest = host;
        _checksThread = true;
    }

    /// <summary>The host does not run it any more.</summary>
    internal void EndGuest()
    {
        _guest = null;
        _checksThread = _debug;
    }

    /// <summary>Runs what is ready, on the host's thread.</summary>
    /// <param name="budget">For how long it goes on with what has become ready meanwhile.</param>
    /// <returns>What to give to <see cref="WaitElsewhere"/> before the next slice; 0 if it must not wait.</returns>
    internal long RunSlice(TimeSpan budget)
    {
        CheckNotNested();
        RunTurns(budget);
        if (Ready.Count > 0)
            return 0;
        var timeout = LimitWait(TimeToNextTimer);
        return timeout != 0 && _inbox.BeginIdle() ? timeout : 0;
    }

    /// <summary>Lets <see cref="WaitElsewhere"/> return.</summary>
    internal void InterruptWait() => WakeUp();

    /// <summary>
    /// Waits for input and output, and for <see cref="WakeUp"/>, on any thread, between two slices. It keeps what has come for
    /// <see cref="TakeEvents"/>, and touches nothing that the host's thread may touch meanwhile.
    /// </summary>
    /// <param name="timeout">How long at most: in ticks of 100 ns, -1 for ever.</param>
    internal virtual void WaitElsewhere(long timeout) => throw new NotSupportedException(
        $"A {GetType().Name} cannot be a guest. Have another one made (RunnerOptions.LoopFactory), or step it (EventLoop.RunOnce).");

    /// <summary>Hands what came while <see cref="WaitElsewhere"/> waited to the ready queue, on the loop's thread.</summary>
    private protected virtual void TakeEvents() { }

    /// <summary>How long to wait elsewhere for a timer that is due in so long.</summary>
    private protected virtual long LimitWait(long timeout) => timeout;

    /// <summary>Whether there is nothing to run, and no thread has handed in anything.</summary>
    private protected bool HasNothingToRun => Ready.Count == 0 && _inbox.IsEmpty;

    private void TakeWhatCame()
    {
        _inbox.EndIdle();
        TakeEvents();
    }

    private void CheckNoGuest()
    {
        if (_guest is not null)
        {
            throw new InvalidOperationException(
                "This event loop is the guest of another one, which runs it and closes it in the end: see GuestRun. To do more on it, create tasks.");
        }
    }
}
