namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    /// <summary>Drops everything that is scheduled and gives back what the loop holds (<c>loop.close()</c>). A second
    /// time it does nothing.</summary>
    /// <exception cref="InvalidOperationException">It runs.</exception>
    public void Close()
    {
        if (IsRunning)
            throw new InvalidOperationException("The event loop runs: it cannot be closed. Stop it first (EventLoop.Stop).");
        if (IsClosed)
            return;
        CheckNoGuest();
        EndWatching();
        IsClosed = true;
        DropScheduled(); // first, as whoever is told of a failure now has it, and it is not reported
        ReportForgotten(collect: true);
        ForgottenCoroutines.Close();
        ReportForgotten(collect: false); // what was found between the two
        ReportPendingTasks();
        UnretrievedFailures.ReportAll(this);
        CloseExecutor();
        CloseListeners();
        CloseSignalHandlers();
        CloseChildren();
        CloseBackend();
    }

    // Other threads may wait for what they handed in, wherever it stands now, and for tasks that will never end.
    private void DropScheduled()
    {
        while (Ready.Count > 0)
            (Ready.Dequeue() as InboxItem)?.Dropped();
        Ready.Clear();
        Timers.Clear();
        _inbox.DropAll();
        if (CallsInProgress.Count > 0)
            DropCallsInProgress(); // apart, so that a small program does not load LINQ for it
        foreach (var task in AllTasks())
            task.DropCallbacks();
    }

    private void DropCallsInProgress()
    {
        foreach (var call in CallsInProgress.ToArray())
            call.Dropped();
        CallsInProgress.Clear();
    }
}
