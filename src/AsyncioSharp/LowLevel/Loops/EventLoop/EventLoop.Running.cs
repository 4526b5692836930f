using System.Diagnostics;
using AsyncioSharp.CompilerServices;

namespace AsyncioSharp.LowLevel;

// How a run begins and ends.
public abstract partial class EventLoop
{
    private readonly SynchronizationContext _synchronizationContext;
    private Thread? _thread;
    private ThreadContext _threadContext;
    private bool _stopping;

    /// <summary>The execution context in which the loop was made: that of callbacks and tasks that have no other.</summary>
    internal readonly ExecutionContext Context = CaptureContext();

    /// <summary>Runs until <see cref="Stop"/> (<c>loop.run_forever()</c>). Stopped beforehand, it runs one iteration.</summary>
    /// <exception cref="InvalidOperationException">It runs already, or another loop runs on this thread.</exception>
    /// <exception cref="ObjectDisposedException">It was closed.</exception>
    public unsafe void RunForever()
    {
        CheckCanRun();
        byte local;
        var outside = Enter(&local);
        try
        {
            _isWaiting = false;
            BeginWatching();
            NoteStart();
            try
            {
                BeginRun();
                do
                    Turn();
                while (!_stopping);
            }
            finally
            {
                EndRun();
            }
        }
        finally
        {
            _isWaiting = false;
            EndWatching();
            NoteStop();
            Leave(outside);
        }
    }

    /// <summary>Runs until a coroutine or future has completed (<c>loop.run_until_complete()</c>).</summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="awaitable">A coroutine, which becomes a task; or a future of this loop.</param>
    /// <returns>Its result.</returns>
    /// <exception cref="InvalidOperationException">The loop was stopped before, or runs already.</exception>
    [StackTraceHidden]
    public T RunUntilComplete<T>(IAwaitable<T> awaitable) => Futures.ResultOf<T>(RunUntilCompletion(awaitable));

    /// <summary>Runs until a coroutine or future has completed (<c>loop.run_until_complete()</c>).</summary>
    /// <param name="awaitable">A coroutine, which becomes a task; or a future of this loop.</param>
    /// <exception cref="InvalidOperationException">The loop was stopped before, or runs already.</exception>
    [StackTraceHidden]
    public void RunUntilComplete(IAwaitable awaitable) => RunUntilCompletion(awaitable).ThrowUnlessSucceeded();

    /// <summary>
    /// Ends <see cref="RunForever"/> with the iteration that runs now (<c>loop.stop()</c>). What is scheduled during it
    /// runs the next time.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is the guest of another loop.</exception>
    public void Stop()
    {
        if (_guest is not null)
        {
            throw new InvalidOperationException(
                "A guest run cannot be stopped: it ends with its main coroutine. Cancel it instead (GuestRun.Cancel).");
        }
        _stopping = true;
    }

    /// <summary>Runs until an awaitable has completed, however it ends.</summary>
    internal Future RunUntilCompletion(IAwaitable awaitable)
    {
        ArgumentNullException.ThrowIfNull(awaitable);
        CheckOpen();
        CheckNoGuest();
        if (IsRunning)
            throw new InvalidOperationException("This event loop is running already. Inside it, await the coroutine instead.");
        if (RunningLoop.Here is not null)
            throw new InvalidOperationException("Another event loop runs on this thread: loops do not nest. Await the coroutine instead.");
        var future = awaitable.AsFuture(this);
        var stopper = new StopWhenDone(this);
        future.AddCallback(stopper);
        try
        {
            RunForever();
        }
        finally
        {
            future.RemoveCallback(stopper);
            stopper.Disarm(); // it may stand in the ready queue, and must not stop the next run
        }
        if (!future.IsCompleted)
        {
            throw new InvalidOperationException(
                "The event loop was stopped before the future completed. Whatever called EventLoop.Stop has cut it off.");
        }
        return future;
    }

    /// <summary>Whether a further run would find nothing to do: no callback, timer, task or function in the executor, and nothing that it has
    /// ever been told to watch.</summary>
    /// <exception cref="InvalidOperationException">There can be no further run here.</exception>
    internal bool HasNothingLeft()
    {
        CheckCanRun();
        return Ready.Count == 0 && _inbox.IsEmpty && Timers.IsEmpty && Tasks.Count == 0 && RunningInExecutor == 0 && !HasWatched;
    }

    private void CheckCanRun()
    {
        CheckOpen();
        CheckNoGuest();
        if (IsRunning)
            throw new InvalidOperationException("This event loop is running already. A loop runs once at a time; to do more on it, create tasks.");
        CheckNotNested();
    }

    private static void CheckNotNested()
    {
        if (RunningLoop.Here is not null)
        {
            throw new InvalidOperationException(
                "Another event loop runs on this thread: loops do not nest. " +
                "Await the coroutine instead, or run the loop on a thread of its own (EventLoopThread).");
        }
    }

    /// <summary>From here on this thread is the loop's.</summary>
    /// <param name="frame">The address of a local variable of the method that runs it, and leaves it.</param>
    private unsafe Surroundings Enter(void* frame)
    {
        var outside = new Surroundings(SynchronizationContext.Current, CaptureContext());
        ExecutionContext.Restore(Context);
        _threadContext = ThreadContext.OfThisThread();
        RunningLoop.Enter(this, frame); // from here on nothing fails: what may belongs to the run
        _thread = Thread.CurrentThread;
        SynchronizationContext.SetSynchronizationContext(_synchronizationContext);
        UpdateTracking();
        return outside;
    }

    private void Leave(in Surroundings outside)
    {
        _stopping = false;
        RunningLoop.Leave();
        _thread = null;
        UpdateTracking();
        ExecutionContext.Restore(outside.Context);
        SynchronizationContext.SetSynchronizationContext(outside.Synchronization);
    }

    private readonly record struct Surroundings(SynchronizationContext? Synchronization, ExecutionContext Context);

    private static ExecutionContext CaptureContext()
    {
        if (!ExecutionContext.IsFlowSuppressed())
            return ExecutionContext.Capture()!;
        ExecutionContext.RestoreFlow();
        try
        {
            return ExecutionContext.Capture()!;
        }
        finally
        {
            ExecutionContext.SuppressFlow();
        }
    }

    private sealed class StopWhenDone(EventLoop loop) : Runnable
    {
        private bool _disarmed;

        public void Disarm() => _disarmed = true;

        internal override void Run()
        {
            if (!_disarmed)
                loop.Stop();
        }
    }
}
