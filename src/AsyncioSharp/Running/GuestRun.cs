using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// A program on a loop that is the guest of another loop, such as that of a graphical interface: the host's thread runs the callbacks, a little
/// at a time, and a thread of the library's waits for input, output, timers and other threads meanwhile (<c>asyncio.start_guest_run()</c>).
/// <see cref="Asyncio.StartGuestRun(Func{Coroutine}, Action{Action}, Action{GuestRun}?, RunnerOptions?)"/> starts one.
/// </summary>
/// <remarks>
/// The host's own code may use what belongs to the loop, on the host's thread: set an event, cancel a task, complete a future. It is
/// noticed as if it had come from the loop. Other threads use <see cref="EventLoop.CallSoonThreadsafe(Action, ExecutionContext?, Action?)"/> and
/// its like, as with any loop. The first Ctrl-C cancels the program (<see cref="RunnerOptions.HandleInterrupt"/>); what comes after the end is
/// the host's.
/// </remarks>
public abstract partial class GuestRun : IDisposable
{
    // A host draws sixty times a second: most of that is its own.
    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(2);

    // The thread is gone before the end is told. It may hang in the host's delegate, though, if that waits for the slice it runs.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(100);

    [ThreadStatic]
    private static GuestRun? t_asking;

    private readonly object _gate = new();
    private readonly SemaphoreSlim _waits = new(0);
    private readonly Action<Action> _runOnHost;
    private readonly Action _slice;
    private readonly RunnerOptions _options;
    private readonly Thread _helper;
    private readonly AsyncioTask _main;
    private readonly Interrupts _interrupts;
    private Thread? _hostThread;
    private Thread? _closer; // set before the state says that it has ended
    private GuestState _state;
    private bool _isTakenOver;
    private bool _isTouched;
    private long _timeout;
    private Exception? _fault; // of the wait
    private Exception? _misuse;
    private Exception? _refusal; // the host's
    private bool _tellsHost = true;
    private AsyncioTask? _ending;

    private protected GuestRun(Func<EventLoop, AsyncioTask> main, Action<Action> runOnHost, RunnerOptions? options)
    {
        if (EventLoop.RunningOrNull is not null)
        {
            throw new InvalidOperationException(
                "An event loop runs on this thread: it cannot be the host of another one, as loops do not nest. Await the coroutine instead.");
        }
        _runOnHost = runOnHost;
        _slice = RunSlice;
        _options = options ?? new RunnerOptions();
        Loop = _options.MakeLoop();
        try
        {
            Loop.BeginGuest(this);
            _main = main(Loop);
            _interrupts = new Interrupts(Loop, _main, _options);
            _helper = new Thread(Help) { Name = "asyncio guest", IsBackground = true };
            _helper.Start();
        }
        catch
        {
            _interrupts?.Dispose();
            Loop.EndGuest();
            Loop.Close();
            throw;
        }
    }

    /// <summary>The guest.</summary>
    public EventLoop Loop { get; }

    /// <summary>
    /// A .NET task with the outcome of the program. It completes when everything has ended: the tasks that were left were
    /// cancelled, and the loop is closed. If the host stops running what it is given, that is the failure; if Ctrl-C has ended the
    /// program, <see cref="InterruptedException"/> is.
    /// </summary>
    public Task Completion => CompletionCore;

    private protected abstract Task CompletionCore { get; }

    /// <summary>Cancels the program, from any thread. It has ended only when <see cref="Completion"/> says so.</summary>
    /// <param name="message">What the exception is to say.</param>
    public void Cancel(string? message = null) => Loop.PostOrDrop(new ThreadsafeCallback(() => _interrupts.Cancel(message), null));

    /// <summary>
    /// Ends the program without the host, for when its own loop has ended: cancels it, and runs what remains on this thread until
    /// everything has ended. What the host still has of it does nothing any more. <see cref="Completion"/> has the outcome.
    /// </summary>
    /// <exception cref="InvalidOperationException">A loop runs on this thread, perhaps this one.</exception>
    public void Dispose()
    {
        if (EventLoop.RunningOrNull is not null)
        {
            throw new InvalidOperationException(
                "An event loop runs on this thread, and cannot wait for the end of a guest run. Cancel the run, and await its Completion.");
        }
        if (TakeOver())
            RunToEnd();
        else
            WaitUntilClosed();
        GC.SuppressFinalize(this);
    }

    /// <summary>The first time: asks the host to run something.</summary>
    private protected void Start()
    {
        Ask();
        if (_refusal is not { } refusal)
            return;
        _ = Completion.Exception; // thrown here, and so looked at
        ExceptionDispatchInfo.Throw(refusal);
    }

    /// <summary>It is over; called once.</summary>
    /// <param name="main">The program, if it has ended.</param>
    /// <param name="failure">Why it was given up; null if it was not.</param>
    private protected abstract void Complete(AsyncioTask main, Exception? failure);

    /// <summary>Tells the host of the end, on its thread.</summary>
    private protected abstract void TellHost();

    // Run by the host, on its thread.
    private void RunSlice()
    {
        if (ReferenceEquals(t_asking, this))
        {
            throw _misuse = new InvalidOperationException(
                "The host ran the guest's action at once, inside the call that hands it over. " +
                "It has to keep it, and run it on its own thread in its turn.");
        }
        lock (_gate)
        {
            if (_state != GuestState.Asked || _isTakenOver)
                return;
            _state = GuestState.Running;
            _hostThread = Thread.CurrentThread;
        }
        if (!TryRun(out var timeout))
            return;
        if (timeout == 0)
            Ask();
        else
            WaitElsewhere(timeout);
    }

    /// <summary>Runs a slice.</summary>
    /// <returns>False when the run has ended.</returns>
    private bool TryRun(out long timeout)
    {
        timeout = 0;
        try
        {
            if (_fault is not null)
                ExceptionDispatchInfo.Throw(_fault);
            timeout = Loop.RunSlice(s_slice);
            if (_main.IsCompleted && _ending is null)
            {
                _interrupts.Dispose(); // it has nothing more to cancel, and no answer to wait for
                _ending = Loop.CreateTask(EndAsync());
                _ending.Hide();
                timeout = 0;
            }
        }
        catch (Exception e)
        {
            End(e);
            return false;
        }
        if (_ending is not { IsCompleted: true })
            return true;
        End(_ending.IsFaulted ? _ending.Exception : null);
        return false;
    }

    private async Coroutine EndAsync()
    {
        var left = new LeftTasks(Loop, _options.TaskShutdownTimeout);
        await EndAsync(left);
        using (UnfinishedFunctions.Watch(Loop, _options))
            await Loop.ShutdownDefaultExecutorAsync(_options.ExecutorShutdownTimeout);
        await EndAsync(left); // what functions in the executor, or other threads, have begun
    }

    private async Coroutine EndAsync(LeftTasks left)
    {
        if (!left.Cancel())
            return;
        using (new UnansweredCancellations(Loop, _options.UnansweredReportDelay))
            await left.EndAsync();
    }

    private void End(Exception? failure)
    {
        _interrupts.Dispose();
        failure ??= _refusal ?? (_interrupts.HasEndedTask(out var signal) ? Interruption(signal) : null);
        Loop.EndGuest();
        _closer = Thread.CurrentThread;
        SetState(GuestState.Ended);
        _waits.Release();
        if (!ReferenceEquals(Thread.CurrentThread, _helper))
            _helper.Join(s_patience);
        if (_main.IsCompleted)
            _main.MarkRetrieved(); // Completion has it, which the loop does not know when it closes
        try
        {
            Loop.Close();
            Complete(_main, failure);
        }
        finally
        {
            SetState(GuestState.Closed); // whoever disposes of it waits for that
        }
        if (_tellsHost)
            TellHost();
    }

    private InterruptedException Interruption(PosixSignal signal)
    {
        try
        {
            Runner.ThrowInterrupted(_main, signal);
        }
        catch (InterruptedException e)
        {
            return e;
        }
        throw new UnreachableException();
    }

    private void SetState(GuestState state)
    {
        lock (_gate)
        {
            _state = state;
            Monitor.PulseAll(_gate);
        }
    }
}
