using System.Runtime.CompilerServices;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    private ConditionalWeakTable<InboxItem, object?>? _futuresAwaitedElsewhere;

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

    /// <summary>Another thread waits for a future, and is told if the loop closes before. It is kept as long as somebody holds what waits.</summary>
    internal void NoteAwaitedElsewhere(InboxItem wait) => (_futuresAwaitedElsewhere ??= []).Add(wait, null);

    /// <summary>It was told, if it was noted at all.</summary>
    internal void ForgetAwaitedElsewhere(InboxItem wait) => _futuresAwaitedElsewhere?.Remove(wait);

    // Other threads may wait for what they handed in, wherever it stands now, and for tasks that will never end.
    private void DropScheduled()
    {
        while (Ready.Count > 0)
            (Ready.Dequeue() as InboxItem)?.Dropped();
        Ready.Clear();
        if (!Timers.IsEmpty)
            Timers.Clear();
        _inbox.DropAll();
        if (_callsInProgress is { Count: > 0 } calls)
            DropAll(calls); // apart, like what follows, so that a small program does not load .NET's collections and LINQ for it
        if (_futuresAwaitedElsewhere is { } waits)
            DropAll(waits);
        if (Tasks.Count == 0)
            return;
        foreach (var task in AllTasks())
            task.DropCallbacks();
    }

    private static void DropAll(ConditionalWeakTable<InboxItem, object?> waits)
    {
        foreach (var (wait, _) in waits)
            wait.Dropped();
    }

    private static void DropAll(HashSet<InboxItem> calls)
    {
        foreach (var call in calls.ToArray())
            call.Dropped();
        calls.Clear();
    }
}
