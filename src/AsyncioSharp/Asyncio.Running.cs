using System.Diagnostics;
using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>The front of the library: what Python finds in the module <c>asyncio</c>.</summary>
public static partial class Asyncio
{
    /// <summary>
    /// Runs a program (<c>asyncio.run()</c>): makes a loop, runs the coroutine on it to its end, cancels the tasks that are
    /// left, and closes the loop. This thread is the loop's meanwhile.
    /// </summary>
    /// <param name="main">The program.</param>
    /// <param name="options">How the loop is to be run.</param>
    /// <exception cref="InvalidOperationException">A loop runs on this thread already.</exception>
    [StackTraceHidden]
    public static void Run(Coroutine main, RunnerOptions? options = null)
    {
        using var runner = new Runner(options);
        runner.Run(main);
    }

    /// <inheritdoc cref="Run(Coroutine, RunnerOptions?)"/>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <returns>What the program returned.</returns>
    [StackTraceHidden]
    public static T Run<T>(Coroutine<T> main, RunnerOptions? options = null)
    {
        using var runner = new Runner(options);
        return runner.Run(main);
    }

    /// <inheritdoc cref="Run(Coroutine, RunnerOptions?)"/>
    [StackTraceHidden]
    public static void Run(Func<Coroutine> main, RunnerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        Run(Call(main), options);
    }

    /// <inheritdoc cref="Run{T}(Coroutine{T}, RunnerOptions?)"/>
    [StackTraceHidden]
    public static T Run<T>(Func<Coroutine<T>> main, RunnerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        return Run(Call(main), options);
    }

    /// <summary>
    /// Runs a coroutine on a loop from another thread (<c>asyncio.run_coroutine_threadsafe()</c>).
    /// </summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="coroutine">The coroutine.</param>
    /// <param name="loop">A loop that runs, or will.</param>
    /// <param name="cancellationToken">Cancels the coroutine.</param>
    /// <returns>A .NET task with its outcome; safe to wait for on any thread but the loop's.</returns>
    [StackTraceHidden]
    public static Task<T> RunCoroutineThreadsafe<T>(Coroutine<T> coroutine, EventLoop loop, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(loop);
        return ThreadsafeCall<T>.Start(loop, coroutine, () => loop.CreateTask(coroutine), cancellationToken);
    }

    /// <inheritdoc cref="RunCoroutineThreadsafe{T}(Coroutine{T}, EventLoop, CancellationToken)"/>
    [StackTraceHidden]
    public static Task RunCoroutineThreadsafe(Coroutine coroutine, EventLoop loop, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(loop);
        return ThreadsafeCall<VoidResult>.Start(loop, coroutine, () => loop.CreateTask(coroutine), cancellationToken);
    }

    // A delegate is called inside the loop, so that what it does before its first await happens there too.
    [StackTraceHidden]
    internal static async Coroutine Call(Func<Coroutine> main) => await main();

    [StackTraceHidden]
    internal static async Coroutine<T> Call<T>(Func<Coroutine<T>> main) => await main();
}
