using System.Runtime.CompilerServices;
using AsyncioSharp.CompilerServices;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    private ConditionalWeakTable<Runnable, object?>? _toldOfClosing;

    private CodeLeftBehind? _leftBehind;
    private int _hasEnded;

    /// <summary>Whether closing is over, which still calls the program. On any thread.</summary>
    internal bool HasEnded => Volatile.Read(ref _hasEnded) != 0;

    /// <summary>The loop is about to end, and what comes to it now would come in vain. Called once, on its thread, after the run in which
    /// it was stopped and before the tasks that are left are cancelled, if whoever runs it says so (<see cref="TellOfEnd"/>); or else as
    /// the first that happens when it closes. Those who are called must not fail.</summary>
    internal event Action? Ending;

    /// <summary>Drops everything that is scheduled and gives back what the loop holds (<c>loop.close()</c>). A second
    /// time it does nothing.</summary>
    /// <remarks>
    /// As in asyncio, callbacks that were scheduled and have not run are not run any more, and tasks that have not ended never go on; but nobody is
    /// left waiting for them. .NET tasks that stand for tasks, futures and calls from other threads end with <see cref="ObjectDisposedException"/>;
    /// the handles of <see cref="CallSoonThreadsafe(Action, ExecutionContext?, Action?)"/> say that the callback was cancelled, and who asked for it
    /// is told; and .NET's asynchronous code that was to go on here (<see cref="SynchronizationContext.Post"/>) goes on on the thread pool, a piece
    /// at a time, where whatever it wants of this loop ends with an exception.
    /// </remarks>
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
        try
        {
            TellOfEnd();
            DropScheduled(); // before what follows, as whoever is told of a failure now has it, and it is not reported
            ReportAbandoned(collect: true);
            ForgottenCoroutines.Close();
            ReportAbandoned(collect: false); // what was found between the two
            ReportPendingTasks();
            UnretrievedFailures.ReportAll(this);
            CloseExecutor();
            CloseListeners();
            CloseSignalHandlers();
            CloseChildren();
        }
        finally
        {
            try
            {
                CloseBackend();
            }
            finally
            {
                LetGoOn();
            }
        }
    }

    /// <summary>The loop has stopped, and will run again only for what its tasks clean up.</summary>
    internal void TellOfEnd()
    {
        var ending = Ending;
        Ending = null;
        ending?.Invoke();
    }

    /// <summary>A piece of .NET's asynchronous code was to go on here, and the loop is closed, or about to be. On any thread.</summary>
    internal void GoOnElsewhere(TaskSynchronizationContext? context, SendOrPostCallback callback, object? state)
    {
        var left = Volatile.Read(ref _leftBehind);
        if (left is null)
        {
            var made = new CodeLeftBehind(this);
            left = Interlocked.CompareExchange(ref _leftBehind, made, null) ?? made;
        }
        left.Add(context, callback, state);
    }

    private void LetGoOn()
    {
        // A full fence, as is the exchange above: either what was left is seen here, or who leaves something sees that the loop has ended.
        Interlocked.Exchange(ref _hasEnded, 1);
        Volatile.Read(ref _leftBehind)?.GoOn();
    }

    /// <summary>Has an item told when the loop closes (<see cref="Runnable.Dropped"/>), though it stands in no queue of it. The loop does
    /// not keep it alive.</summary>
    internal void TellOfClosing(Runnable item) => (_toldOfClosing ??= []).Add(item, null);

    /// <summary>It need not be told any more, if it was to be at all.</summary>
    internal void DoNotTellOfClosing(Runnable item) => _toldOfClosing?.Remove(item);

    // Other threads may wait for what they handed in, wherever it stands now, and for tasks that will never end.
    private void DropScheduled()
    {
        while (Ready.Count > 0)
            (Ready.Dequeue() as Runnable)?.Dropped();
        Ready.Clear();
        if (!Timers.IsEmpty)
            Timers.Clear();
        _inbox.DropAll();
        if (_callsInProgress is { Count: > 0 } calls)
            DropAll(calls); // apart, like what follows, so that a small program does not load .NET's collections and LINQ for it
        if (_toldOfClosing is { } told)
            DropAll(told);
        if (Tasks.Count == 0)
            return;
        foreach (var task in AllTasks())
        {
            task.DropCallbacks();
            task.DropForeignCalls();
        }
    }

    private static void DropAll(ConditionalWeakTable<Runnable, object?> told)
    {
        foreach (var (item, _) in told)
            item.Dropped();
    }

    private static void DropAll(HashSet<InboxItem> calls)
    {
        foreach (var call in calls.ToArray())
            call.Dropped();
        calls.Clear();
    }
}
