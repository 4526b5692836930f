using AsyncioSharp.CompilerServices;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    private Executor? _executor;
    private bool _executorShutDown;

    /// <summary>
    /// Where <see cref="RunInExecutor{T}"/> and <see cref="Asyncio.ToThread(Action, CapacityLimiter?)"/> run functions unless they are told
    /// (<c>loop.set_default_executor()</c>); by default .NET's thread pool.
    /// </summary>
    public TaskScheduler DefaultExecutor
    {
        get => field ?? TaskScheduler.Default;
        set;
    }

    /// <summary>How many functions run, or wait to run, in an executor.</summary>
    internal int RunningInExecutor => _executor?.Count ?? 0;

    /// <summary>Runs a function on another thread (<c>loop.run_in_executor()</c>).</summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="executor">Where; null for <see cref="DefaultExecutor"/>.</param>
    /// <param name="function">The function.</param>
    /// <returns>Its result. Cancelling the future does not stop the function; it only stops waiting.</returns>
    /// <exception cref="InvalidOperationException">The default executor was shut down.</exception>
    /// <exception cref="ObjectDisposedException">The loop is closed.</exception>
    public Future<T> RunInExecutor<T>(TaskScheduler? executor, Func<T> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return RunInExecutor(executor, static (function, _) => function(), function, CancellationToken.None);
    }

    /// <summary>Runs an action on another thread (<c>loop.run_in_executor()</c>).</summary>
    /// <param name="executor">Where; null for <see cref="DefaultExecutor"/>.</param>
    /// <param name="action">The action.</param>
    /// <returns>Completes when it has run.</returns>
    /// <exception cref="InvalidOperationException">The default executor was shut down.</exception>
    /// <exception cref="ObjectDisposedException">The loop is closed.</exception>
    public Future RunInExecutor(TaskScheduler? executor, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return RunInExecutor(executor, static (action, _) =>
        {
            action();
            return default(VoidResult);
        }, action, CancellationToken.None);
    }

    /// <summary>
    /// Waits until every function in the default executor has ended, and takes no more
    /// (<c>loop.shutdown_default_executor()</c>).
    /// </summary>
    /// <param name="timeout">How long to wait at most; null for as long as it takes.</param>
    /// <returns>False if the time was over first.</returns>
    public async Coroutine<bool> ShutdownDefaultExecutorAsync(TimeSpan? timeout = null)
    {
        _executorShutDown = true;
        if (_executor is null || _executor.Count == 0)
            return true;
        var idle = CreateFuture<bool>();
        _executor.WhenIdle(idle);
        var timer = Durations.Finite(timeout) is { } time ? CallLater(time, static future => future.TrySetResult(false), idle) : default;
        try
        {
            if (await idle)
                return true;
        }
        finally
        {
            timer.Cancel();
        }
        ReportLeftInExecutor(timeout!.Value);
        return false;
    }

    internal Future<TResult> RunInExecutor<TState, TResult>(
        TaskScheduler? executor, Func<TState, CancellationToken, TResult> function, TState state, CancellationToken token, Action? ended = null)
    {
        CheckSchedule();
        if (executor is null && _executorShutDown)
        {
            throw new InvalidOperationException(
                "The default executor was shut down, and takes no more functions. Use another executor, or a new loop.");
        }
        _executor ??= new Executor(this);
        return _executor.Run(executor ?? DefaultExecutor, function, state, token, ended);
    }

    private void ReportLeftInExecutor(TimeSpan timeout) => Report(LogLevel.Warning,
        (RunningInExecutor == 1 ? "1 function still runs" : $"{RunningInExecutor} functions still run") +
        $" in the executor after {timeout.TotalSeconds:0.###} s. What runs there cannot be stopped, and is left alone.");

    private void CloseExecutor() => _executorShutDown = true;
}
