using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// Runs several coroutines one after another on one loop and in one execution context (<c>asyncio.Runner</c>). The loop is
/// made when it is first needed, and closed when the runner is disposed, after all tasks left were cancelled.
/// </summary>
public sealed class Runner : IDisposable
{
    private RunnerOptions _options;
    private EventLoop? _loop;
    private ExecutionContext? _context;
    private bool _closed;

    /// <summary>Makes a runner; it makes nothing else yet.</summary>
    /// <param name="options">How the loop is to be run.</param>
    public Runner(RunnerOptions? options = null) => _options = options ?? new RunnerOptions();

    /// <summary>The loop (<c>Runner.get_loop()</c>).</summary>
    /// <exception cref="ObjectDisposedException">The runner is closed.</exception>
    public EventLoop Loop
    {
        get
        {
            if (_closed)
                ThrowClosed();
            return _loop ?? MakeLoop();
        }
    }

    /// <summary>Runs a coroutine to its end (<c>Runner.run()</c>). What it writes to the execution context the next one
    /// sees.</summary>
    /// <param name="coroutine">The coroutine.</param>
    /// <param name="context">The execution context; by default the runner's own.</param>
    /// <exception cref="InvalidOperationException">A loop runs on this thread.</exception>
    [StackTraceHidden]
    public void Run(Coroutine coroutine, ExecutionContext? context = null)
    {
        CheckNotNested();
        var task = Loop.CreateTask(coroutine, context: context ?? _context);
        RunToEnd(task, keepsContext: context is null);
        task.ThrowUnlessSucceeded();
    }

    /// <inheritdoc cref="Run(Coroutine, ExecutionContext?)"/>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <returns>What the coroutine returned.</returns>
    [StackTraceHidden]
    public T Run<T>(Coroutine<T> coroutine, ExecutionContext? context = null)
    {
        CheckNotNested();
        var task = Loop.CreateTask(coroutine, context: context ?? _context);
        RunToEnd(task, keepsContext: context is null);
        return task.Result;
    }

    /// <inheritdoc cref="Run(Coroutine, ExecutionContext?)"/>
    /// <param name="main">Makes the coroutine, on the loop: an async lambda.</param>
    /// <param name="context">The execution context; by default the runner's own.</param>
    [StackTraceHidden]
    public void Run(Func<Coroutine> main, ExecutionContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        Run(Asyncio.Call(main), context);
    }

    /// <inheritdoc cref="Run(Func{Coroutine}, ExecutionContext?)"/>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <returns>What the coroutine returned.</returns>
    [StackTraceHidden]
    public T Run<T>(Func<Coroutine<T>> main, ExecutionContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        return Run(Asyncio.Call(main), context);
    }

    /// <summary>Ends in another way than was said at the start.</summary>
    internal void SetShutdown(RunnerOptions options) => _options = options;

    /// <summary>Cancels the tasks that are left, waits for them and for the executor, and closes the loop
    /// (<c>Runner.close()</c>).</summary>
    /// <exception cref="InvalidOperationException">Its loop runs, or another one on this thread: nothing was closed.</exception>
    public void Dispose()
    {
        if (_closed)
            return;
        if (_loop is not { IsClosed: false } loop)
        {
            _closed = true;
            return;
        }
        var isIdle = loop.HasNothingLeft();
        _closed = true; // not before: a call that is refused leaves everything to the next
        try
        {
            if (!isIdle) // else it would turn in vain, by code that a small program needs for nothing else
                EndWhatIsLeft(loop);
        }
        finally
        {
            loop.Close();
        }
    }

    [DoesNotReturn]
    private static void ThrowClosed() =>
        throw new ObjectDisposedException(nameof(Runner), "The runner is closed, and its loop with it. Make a new one.");

    private static void CheckNotNested()
    {
        if (EventLoop.RunningOrNull is not null)
        {
            throw new InvalidOperationException(
                "An event loop runs on this thread already: Asyncio.Run and Runner.Run start a program and cannot be called inside one. " +
                "Await the coroutine instead.");
        }
    }

    private void RunToEnd(AsyncioTask task, bool keepsContext)
    {
        var loop = task.Loop;
        var signal = default(PosixSignal);
        bool isInterrupted;
        using (var interrupts = new Interrupts(loop, task, _options))
        {
            loop.RunUntilCompletion(task);
            isInterrupted = interrupts.HasEndedTask(out signal);
        }
        // What the coroutine wrote to its context stays for the next one.
        if (keepsContext)
            _context = task.Context ?? loop.Context;
        if (isInterrupted)
            ThrowInterrupted(task, signal);
    }

    /// <summary>Throws what the end of a task by a signal is told as.</summary>
    [StackTraceHidden]
    internal static void ThrowInterrupted(AsyncioTask task, PosixSignal signal)
    {
        try
        {
            task.ThrowUnlessSucceeded();
        }
        catch (CanceledException e)
        {
            throw new InterruptedException(signal, e);
        }
    }

    private EventLoop MakeLoop()
    {
        _loop = _options.MakeLoop();
        _context = ExecutionContext.Capture();
        return _loop;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EndWhatIsLeft(EventLoop loop)
    {
        var left = new LeftTasks(loop, _options.TaskShutdownTimeout);
        End(left, loop);
        using (UnfinishedFunctions.Watch(loop, _options))
            RunHidden(loop, loop.ShutdownDefaultExecutorAsync(_options.ExecutorShutdownTimeout));
        End(left, loop); // what functions in the executor, or other threads, have begun
    }

    private void End(LeftTasks left, EventLoop loop)
    {
        if (!left.Cancel())
            return;
        using (new UnansweredCancellations(loop, _options.UnansweredReportDelay))
            RunHidden(loop, left.EndAsync());
    }

    private static void RunHidden(EventLoop loop, Coroutine coroutine)
    {
        var task = loop.CreateTask(coroutine);
        task.Hide();
        loop.RunUntilComplete(task);
    }
}
