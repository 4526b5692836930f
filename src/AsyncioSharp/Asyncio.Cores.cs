using System.Diagnostics;

namespace AsyncioSharp;

public static partial class Asyncio
{
    /// <summary>
    /// Runs a program on all cores: begins it once on each loop of a new <see cref="LoopGroup"/>, and stops the group when all have
    /// ended. When one fails, the others are cancelled. Ctrl-C cancels all, once, as it does for
    /// <see cref="Run(Coroutine, RunnerOptions?)"/>. This thread waits meanwhile.
    /// </summary>
    /// <param name="main">The program. <see cref="LoopGroup.Current"/> is its group there, and
    /// <see cref="LoopGroup.CurrentIndex"/> tells which of the loops it runs on.</param>
    /// <param name="options">How many loops, and how they are run.</param>
    /// <exception cref="LoopGroupException">It failed on some loops.</exception>
    /// <exception cref="InvalidOperationException">A loop runs on this thread, or one cannot be started.</exception>
    [StackTraceHidden]
    public static void RunOnAllCores(Func<Coroutine> main, LoopGroupOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        options ??= new LoopGroupOptions();
        Run(RunAllAsync(main, options), options.Runner);

        static async Coroutine RunAllAsync(Func<Coroutine> main, LoopGroupOptions options)
        {
            await using var group = LoopGroup.Start(options);
            await group.RunOnEachAsync(main);
        }
    }

    /// <inheritdoc cref="RunOnAllCores(Func{Coroutine}, LoopGroupOptions?)"/>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <returns>What it returned, in the order of the loops.</returns>
    [StackTraceHidden]
    public static T[] RunOnAllCores<T>(Func<Coroutine<T>> main, LoopGroupOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        options ??= new LoopGroupOptions();
        return Run(RunAllAsync(main, options), options.Runner);

        static async Coroutine<T[]> RunAllAsync(Func<Coroutine<T>> main, LoopGroupOptions options)
        {
            await using var group = LoopGroup.Start(options);
            return await group.RunOnEachAsync(main);
        }
    }
}
