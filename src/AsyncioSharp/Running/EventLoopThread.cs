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
    private readonly RunnerOptions _options;
    private int _disposed;

    /// <summary>Starts the thread and waits until its loop runs.</summary>
    /// <param name="options">How the loop is to be run. Ctrl-C is left to the program.</param>
    public EventLoopThread(RunnerOptions? options = null)
    {
        _options = (options ?? new RunnerOptions()) with { HandleInterrupt = false, HandleTermination = false };
        var thread = new Thread(Main) { Name = "AsyncioSharp event loop", IsBackground = true };
        thread.Start();
        Loop = _started.Task.GetAwaiter().GetResult();
    }

    /// <summary>The loop. Use it through <see cref="RunAsync{T}"/>, <see cref="Asyncio.RunCoroutineThreadsafe{T}"/> and
    /// <see cref="EventLoop.CallSoonThreadsafe(Action, ExecutionContext?)"/>.</summary>
    public EventLoop Loop { get; }

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

    /// <summary>Cancels the tasks that run, waits for them, closes the loop and ends the thread.</summary>
    /// <exception cref="InvalidOperationException">Called on the loop's own thread, which would wait for itself.</exception>
    public void Dispose()
    {
        if (Loop.IsOnThread)
            throw new InvalidOperationException("The loop's thread cannot wait for its own end. Dispose of it on another thread, or with DisposeAsync.");
        Stop();
        _ended.Task.GetAwaiter().GetResult();
    }

    /// <summary>Cancels the tasks that run, closes the loop and ends the thread.</summary>
    public ValueTask DisposeAsync()
    {
        Stop();
        return new ValueTask(_ended.Task);
    }

    private void Stop()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            Loop.PostOrDrop(new ThreadsafeCallback(Loop.Stop, null));
    }

    private void Main()
    {
        try
        {
            using var runner = new Runner(_options);
            var loop = runner.Loop;
            loop.CallSoon(() => _started.SetResult(loop));
            loop.RunForever();
        }
        catch (Exception e)
        {
            if (!_started.TrySetException(e))
                _ended.TrySetException(e);
        }
        _ended.TrySetResult();
    }
}
