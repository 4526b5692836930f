using System.Diagnostics;
using System.Runtime.CompilerServices;
using AsyncioSharp.CompilerServices;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    // Waiting for input and output costs a system call. While there are callbacks to run, so many may run before the next.
    private const int MaxRunsBetweenPolls = 256;

    private const int YieldsToThreads = 10;

    private readonly SynchronizationContext _synchronizationContext;
    private Thread? _thread;
    private ThreadContext _threadContext;
    private bool _stopping;
    private long _runs;
    private long _runsAtPoll;
    private bool _heardFromThreads;

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
        _isWaiting = false;
        BeginWatching();
        NoteStart();
        try
        {
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
    public T RunUntilComplete<T>(IAwaitable<T> awaitable)
    {
        var future = RunUntilCompletion(awaitable);
        return future is AsyncioTask<T> task ? task.Result : ((Future<T>)future).Result;
    }

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
            throw new InvalidOperationException("A guest run cannot be stopped: it ends with its main coroutine. Cancel it instead (GuestRun.Cancel).");
        _stopping = true;
    }

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
        ReportForgotten(collect: true);
        ForgottenCoroutines.Close();
        ReportForgotten(collect: false); // what was found between the two
        ReportPendingTasks();
        UnretrievedFailures.ReportAll(this);
        IsClosed = true;
        DropScheduled();
        CloseExecutor();
        CloseListeners();
        CloseSignalHandlers();
        CloseChildren();
        CloseBackend();
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
            throw new InvalidOperationException("The event loop was stopped before the future completed. Whatever called EventLoop.Stop has cut it off.");
        return future;
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
                "Another event loop runs on this thread: loops do not nest. Await the coroutine instead, or run the loop on a thread of its own (EventLoopThread).");
        }
    }

    /// <summary>From here on this thread is the loop's.</summary>
    /// <param name="frame">The address of a local variable of the method that runs it, and leaves it.</param>
    private unsafe Surroundings Enter(void* frame)
    {
        var outside = new Surroundings(SynchronizationContext.Current, CaptureContext());
        ExecutionContext.Restore(Context);
        _threadContext = ThreadContext.OfThisThread();
        _thread = Thread.CurrentThread;
        RunningLoop.Enter(this, frame);
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

    // Other threads may wait for what they handed in, wherever it stands now.
    private void DropScheduled()
    {
        while (Ready.Count > 0)
            (Ready.Dequeue() as InboxItem)?.Dropped();
        Ready.Clear();
        Timers.Clear();
        _inbox.DropAll();
        if (CallsInProgress.Count > 0)
            DropCallsInProgress();
    }

    private void DropCallsInProgress()
    {
        foreach (var call in CallsInProgress.ToArray())
            call.Dropped();
        CallsInProgress.Clear();
    }

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

    // One iteration, in asyncio's order: input and output, timers, then everything that is ready by then. What that
    // schedules waits for the next iteration.
    private void Turn()
    {
        if (Ready.Count > 0 || _stopping)
        {
            if (_runs - _runsAtPoll >= MaxRunsBetweenPolls || _stopping)
            {
                _runsAtPoll = _runs;
                UnretrievedFailures.ReportAbandoned(this);
                UpdateMeasuring();
                Poll(0);
            }
        }
        else
        {
            WaitForWork();
        }
        _heardFromThreads = !_inbox.IsEmpty;
        if (_heardFromThreads)
            _inbox.MoveTo(ref Ready);
        if (!Timers.IsEmpty)
            CollectTimers();
        var count = Ready.Count;
        _runs += count;
        if (_measures)
            RunMeasured(count);
        else
            RunReady(count);
    }

    private void WaitForWork()
    {
        UnretrievedFailures.ReportAbandoned(this);
        if (_debug)
            ReportForgotten(collect: false);
        if (Ready.Count > 0)
            return;
        UpdateMeasuring();
        Volatile.Write(ref _isWaiting, true);
        if (_measures)
            WaitMeasured();
        else
            Wait();
        Volatile.Write(ref _isWaiting, false);
    }

    private void Wait()
    {
        var timeout = TimeToNextTimer;
        if (timeout != 0 && _heardFromThreads && _runs - _runsAtPoll < MaxRunsBetweenPolls && HearsFromThreadsAgain())
            return;
        _runsAtPoll = _runs;
        if (timeout == 0 || !_inbox.BeginIdle())
        {
            Poll(0);
            return;
        }
        Poll(timeout);
        _inbox.EndIdle();
    }

    // A thread that has just handed something in often waits for the answer and then has more. Letting it run for a moment
    // is cheaper than going to sleep and being woken: that takes four system calls and two switches.
    private bool HearsFromThreadsAgain()
    {
        for (var i = 0; i < YieldsToThreads; i++)
        {
            Thread.Yield();
            if (!_inbox.IsEmpty)
                return true;
        }
        return false;
    }

    /// <summary>In ticks; -1 if there is none.</summary>
    private long TimeToNextTimer => Timers.IsEmpty ? -1 : Math.Max(0, Timers.NextDeadline - Now); // no overflow: see CallAt

    private void CollectTimers()
    {
        var now = Now;
        if (_measures)
            MeasureLag(now);
        while (!Timers.IsEmpty && Timers.NextDeadline <= now)
            Timers.RemoveFirst().TimerElapsed(this);
    }

    private void RunReady(int count)
    {
        while (count > 0)
        {
            object? item = null;
            try
            {
                while (count > 0)
                {
                    count--;
                    item = Ready.Dequeue();
                    if (item is null)
                        continue;
                    if (_timesSteps)
                        RunTimed(item);
                    else
                        RunItem(item);
                }
            }
            catch (Exception e)
            {
                CurrentTask = null;
                count = Math.Min(count, Ready.Count);
                ReportFailedCallback(item, e); // in the context of the callback, as it left it
                ExecutionContext.Restore(Context);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RunItem(object item)
    {
        if (item.GetType() == typeof(Action))
            Unsafe.As<Action>(item)();
        else
            Unsafe.As<Runnable>(item).Run();
        if (_threadContext.HasChanged)
            RestoreContext(item);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RestoreContext(object item)
    {
        if (ExecutionContext.Capture() is { } left && item is Runnable runnable)
            runnable.LeftContext(left);
        ExecutionContext.Restore(Context);
    }
}
