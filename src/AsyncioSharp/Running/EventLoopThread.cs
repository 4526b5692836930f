using System.Diagnostics;
using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// A loop on a thread of its own, for programs that keep their main thread for something else. It runs until it is
/// disposed.
/// </summary>
public sealed class EventLoopThread : IDisposable, IAsyncDisposable
{
    private readonly TaskCompletionSource<EventLoop> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _changing = new();
    private RunnerOptions _options;
    private int _disposed;
    private bool _hasStopped;

    /// <summary>Starts the thread and waits until its loop runs.</summary>
    /// <param name="options">How the loop is to be run. Ctrl-C is left to the program.</param>
    /// <param name="name">The thread's name, by which debuggers and reports know it.</param>
    /// <remarks>What fails while the loop is made is thrown here.</remarks>
    public EventLoopThread(RunnerOptions? options = null, string? name = null)
    {
        _options = (options ?? new RunnerOptions()) with { HandleInterrupt = false, HandleTermination = false };
        var thread = new Thread(Main) { Name = name ?? _options.Name ?? "AsyncioSharp event loop", IsBackground = true };
        thread.Start();
        Loop = _started.Task.GetAwaiter().GetResult();
    }

    /// <summary>The loop. Use it through <see cref="RunAsync{T}"/>, <see cref="Asyncio.RunCoroutineThreadsafe{T}"/> and
    /// <see cref="EventLoop.CallSoonThreadsafe(Action, ExecutionContext?, Action?)"/>.</summary>
    public EventLoop Loop { get; }

    /// <summary>How long the end waits for tasks that are left and were cancelled: <see cref="RunnerOptions.TaskShutdownTimeout"/>, which may
    /// be changed on any thread until the loop has stopped.</summary>
    public TimeSpan? TaskShutdownTimeout
    {
        get => Volatile.Read(ref _options).TaskShutdownTimeout;
        set => Change(options => options with { TaskShutdownTimeout = value });
    }

    /// <summary>How long the end waits for functions that still run in the executor:
    /// <see cref="RunnerOptions.ExecutorShutdownTimeout"/>, which may be changed on any thread until the loop has stopped.</summary>
    public TimeSpan ExecutorShutdownTimeout
    {
        get => Volatile.Read(ref _options).ExecutorShutdownTimeout;
        set => Change(options => options with { ExecutorShutdownTimeout = value });
    }

    /// <summary>Whether the loop is about to end, or has: because this was disposed of, or because something on it has stopped it. On any
    /// thread.</summary>
    internal bool HasStopped => Volatile.Read(ref _hasStopped);

    /// <summary>Runs a coroutine on the loop; may be called on any thread.</summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="main">Makes the coroutine; called on the loop's thread.</param>
    /// <param name="cancellationToken">Cancels the coroutine.</param>
    /// <returns>A .NET task with its outcome.</returns>
    /// <exception cref="ObjectDisposedException">The thread was disposed.</exception>
    public Task<T> RunAsync<T>(Func<Coroutine<T>> main, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(main);
        return ThreadsafeCall<T>.Start(Loop, default, () => Loop.CreateTask(Asyncio.Call(main)), cancellationToken);
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(Func<Coroutine> main, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(main);
        return ThreadsafeCall<VoidResult>.Start(Loop, default, () => Loop.CreateTask(Asyncio.Call(main)), cancellationToken);
    }

    /// <summary>Runs a coroutine on the loop, and waits for it: for threads that have nothing else to do meanwhile.</summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="main">Makes the coroutine; called on the loop's thread.</param>
    /// <param name="cancellationToken">Cancels the coroutine. This returns when it has ended.</param>
    /// <returns>What the coroutine returned.</returns>
    /// <exception cref="InvalidOperationException">A loop runs on this thread. If it is this one, it would wait for itself for ever; if
    /// another, everything on it would stand still.</exception>
    /// <exception cref="ObjectDisposedException">The thread was disposed.</exception>
    [StackTraceHidden]
    public T Run<T>(Func<Coroutine<T>> main, CancellationToken cancellationToken = default)
    {
        CheckMayBlock();
        return RunAsync(main, cancellationToken).GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="Run{T}"/>
    [StackTraceHidden]
    public void Run(Func<Coroutine> main, CancellationToken cancellationToken = default)
    {
        CheckMayBlock();
        RunAsync(main, cancellationToken).GetAwaiter().GetResult();
    }

    /// <summary>
    /// Starts a coroutine on the loop, and does not wait for it; may be called on any thread. If it fails, or cannot begin before
    /// the loop closes, that is reported as the loop reports what nobody else can be told (<see cref="EventLoop.ExceptionHandler"/>).
    /// </summary>
    /// <param name="main">Makes the coroutine; called on the loop's thread.</param>
    /// <param name="name">The task's name.</param>
    /// <exception cref="ObjectDisposedException">The thread was disposed.</exception>
    public void StartSoon(Func<Coroutine> main, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        Loop.CheckOpen();
        Loop.PostThreadsafe(new StartedCall(Loop, main, name));
    }

    /// <summary>Cancels the tasks that run, waits for them, closes the loop and ends the thread. How long it waits is bounded by
    /// <see cref="TaskShutdownTimeout"/> and <see cref="ExecutorShutdownTimeout"/>.</summary>
    /// <exception cref="InvalidOperationException">Called on the loop's own thread, which would wait for itself.</exception>
    public void Dispose()
    {
        if (Loop.IsOnThread)
        {
            throw new InvalidOperationException(
                "The loop's thread cannot wait for its own end. Dispose of it on another thread, or with DisposeAsync.");
        }
        Stop();
        _ended.Task.GetAwaiter().GetResult();
    }

    /// <summary>Cancels the tasks that run, closes the loop and ends the thread.</summary>
    public ValueTask DisposeAsync()
    {
        Stop();
        return new ValueTask(_ended.Task);
    }

    /// <summary>Runs what the library itself has to do on the loop (<see cref="ThreadsafeCall{T}.StartAtOnce"/>).</summary>
    internal Task<T> RunAtOnceAsync<T>(Func<Coroutine<T>> main, CancellationToken cancellationToken) =>
        ThreadsafeCall<T>.StartAtOnce(Loop, main, cancellationToken);

    private void Change(Func<RunnerOptions, RunnerOptions> change)
    {
        lock (_changing)
            Volatile.Write(ref _options, change(_options));
    }

    private void CheckMayBlock()
    {
        if (EventLoop.RunningOrNull is { } running)
        {
            throw new InvalidOperationException(ReferenceEquals(running, Loop)
                ? "This is the loop's own thread: it would wait for itself for ever. Await the coroutine instead."
                : "An event loop runs on this thread, which would stand still meanwhile. Await RunAsync instead.");
        }
    }

    private void Stop()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            Loop.PostOrDrop(new ThreadsafeCallback(StopRun, null));
    }

    private void StopRun()
    {
        if (!HasStopped) // else something on it has stopped it, and this would cut off the run in which its tasks clean up
            Loop.Stop();
    }

    private void Main()
    {
        try
        {
            using var runner = new Runner(_options);
            var loop = runner.Loop;
            loop.CallSoon(() => _started.SetResult(loop));
            try
            {
                loop.RunForever();
            }
            finally
            {
                Volatile.Write(ref _hasStopped, true);
                loop.TellOfEnd();
                runner.SetShutdown(Volatile.Read(ref _options));
            }
        }
        catch (Exception e)
        {
            if (!_started.TrySetException(e))
                _ended.TrySetException(e);
        }
        _ended.TrySetResult();
    }
}
