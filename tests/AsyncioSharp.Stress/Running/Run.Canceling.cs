namespace AsyncioSharp.Stress.Running;

internal sealed partial class Run
{
    private readonly HashSet<AsyncioTask> _undelivered = new(ReferenceEqualityComparer.Instance);
    private bool _anyCanceled;
    private bool _caughtSince; // anything, since the main task was cancelled

    /// <summary>Requests to cancel the main task that came from outside and were not taken back.</summary>
    public int Requests { get; private set; }

    /// <summary>Cancels a task, as the program or from outside.</summary>
    public void Cancel(AsyncioTask task)
    {
        var canceled = task.Cancel();
        if (!canceled)
            Dropped.Add(task); // who cancels a task that has failed says that the failure is no matter
        if (canceled == task.IsCompleted)
            Complain(null, $"Cancel() of {task} said {canceled}");
        else
            _undelivered.Add(task);
        _anyCanceled |= canceled;
        if (canceled && ReferenceEquals(task, Main))
            Requests++;
    }

    /// <summary>A handler of the program runs.</summary>
    public void Handling()
    {
        var task = Asyncio.CurrentTask!;
        _undelivered.Remove(task);
        _waits.Remove(task);
    }

    /// <summary>The program has caught an exception. It may have come in place of a cancellation.</summary>
    public void Caught(Exception exception)
    {
        Running.Failures.See(exception);
        Handling();
        _undelivered.Clear(); // those who wait for this task, and passed their cancellations on to it, go on too
        _caughtSince |= Requests > 0;
    }

    /// <summary>Takes back a request from outside that the current task has just caught.</summary>
    public void TakeBack()
    {
        // Behind a shield the request is still to come: what was caught is another one.
        if (Requests == 0 || _hasShields || !ReferenceEquals(Asyncio.CurrentTask, Main))
            return;
        Requests--;
        Main.Uncancel();
    }

    private void Inject()
    {
        switch (injection.Kind)
        {
            case InjectionKind.AtOnce:
                CancelVictim();
                break;
            case InjectionKind.Soon:
                loop.CallSoon(static run => run.CancelVictim(), this);
                break;
            case InjectionKind.LaterTurn:
                loop.CallSoon(static run => run.Loop.CallSoon(static run => run.CancelVictim(), run), this);
                break;
            case InjectionKind.Timer:
                loop.CallLater(TimeSpan.Zero, static run => run.CancelVictim(), this);
                break;
            case InjectionKind.NextSecond:
                loop.CallLater(TimeSpan.FromSeconds(1), static run => run.CancelVictim(), this);
                break;
            case InjectionKind.Threadsafe:
                loop.CallSoonThreadsafe(CancelVictim);
                break;
        }
    }

    private void CancelVictim()
    {
        if (injection.Victim < 0)
        {
            Cancel(Main);
            return;
        }
        var tasks = Asyncio.AllTasks(loop);
        if (tasks.Count > 0)
            Cancel(tasks.ElementAt(injection.Victim % tasks.Count));
    }
}
