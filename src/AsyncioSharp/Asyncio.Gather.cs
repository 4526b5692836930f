using System.Runtime.CompilerServices;
using AsyncioSharp.CompilerServices;

namespace AsyncioSharp;

public static partial class Asyncio
{
    /// <summary>
    /// Runs awaitables concurrently and gives their results in the order of the arguments (<c>asyncio.gather()</c>). The
    /// first failure is passed on at once, and the others run on; a <see cref="TaskGroup"/> cancels them instead.
    /// Cancelling the result cancels them all.
    /// </summary>
    /// <typeparam name="T">The results' type.</typeparam>
    /// <param name="coroutines">What to run. Coroutines become tasks.</param>
    /// <exception cref="ArgumentException">One is null, or belongs to another loop.</exception>
    /// <exception cref="InvalidOperationException">There are coroutines among them, and no loop runs; or a coroutine was awaited already.</exception>
    public static Future<T[]> Gather<T>(params IEnumerable<Coroutine<T>> coroutines) => Gather(coroutines, Futures.ResultsOf<T>);

    /// <inheritdoc cref="Gather{T}(IEnumerable{Coroutine{T}})"/>
    /// <param name="tasks">What to run. Coroutines become tasks.</param>
    public static Future<T[]> Gather<T>(params IEnumerable<AsyncioTask<T>> tasks) => Gather(tasks, Futures.ResultsOf<T>);

    /// <inheritdoc cref="Gather{T}(IEnumerable{Coroutine{T}})"/>
    /// <param name="futures">What to run. Coroutines become tasks.</param>
    public static Future<T[]> Gather<T>(params IEnumerable<Future<T>> futures) => Gather(futures, Futures.ResultsOf<T>);

    /// <inheritdoc cref="Gather{T}(IEnumerable{Coroutine{T}})"/>
    /// <param name="awaitables">What to run. Coroutines become tasks.</param>
    public static Future<T[]> Gather<T>(params IEnumerable<IAwaitable<T>> awaitables) => Gather(awaitables, Futures.ResultsOf<T>);

    /// <summary>Runs awaitables concurrently, without results (<c>asyncio.gather()</c>); see
    /// <see cref="Gather{T}(IEnumerable{Coroutine{T}})"/>.</summary>
    /// <param name="coroutines">What to run. Coroutines become tasks.</param>
    [OverloadResolutionPriority(-1)] // a Coroutine<T> is a Coroutine too, but its result is wanted
    public static Future Gather(params IEnumerable<Coroutine> coroutines) => Gather(coroutines, static _ => default(VoidResult));

    /// <summary>Runs awaitables concurrently, without results (<c>asyncio.gather()</c>); see
    /// <see cref="Gather{T}(IEnumerable{Coroutine{T}})"/>.</summary>
    /// <param name="awaitables">What to run. Coroutines become tasks.</param>
    [OverloadResolutionPriority(-1)]
    public static Future Gather(params IEnumerable<IAwaitable> awaitables) => Gather(awaitables, static _ => default(VoidResult));

    /// <summary>
    /// Runs awaitables concurrently and waits for all of them, whether they succeed, fail or are cancelled
    /// (<c>asyncio.gather(…, return_exceptions=True)</c>).
    /// </summary>
    /// <typeparam name="T">The results' type.</typeparam>
    /// <param name="coroutines">What to run. Coroutines become tasks.</param>
    /// <exception cref="ArgumentException">One is null, or belongs to another loop.</exception>
    /// <exception cref="InvalidOperationException">There are coroutines among them, and no loop runs; or a coroutine was awaited already.</exception>
    public static Future<Outcome<T>[]> GatherOutcomes<T>(params IEnumerable<Coroutine<T>> coroutines) =>
        Gather(coroutines, Futures.OutcomesOf<T>, collectsFailures: true);

    /// <inheritdoc cref="GatherOutcomes{T}(IEnumerable{Coroutine{T}})"/>
    /// <param name="tasks">What to run. Coroutines become tasks.</param>
    public static Future<Outcome<T>[]> GatherOutcomes<T>(params IEnumerable<AsyncioTask<T>> tasks) =>
        Gather(tasks, Futures.OutcomesOf<T>, collectsFailures: true);

    /// <inheritdoc cref="GatherOutcomes{T}(IEnumerable{Coroutine{T}})"/>
    /// <param name="awaitables">What to run. Coroutines become tasks.</param>
    public static Future<Outcome<T>[]> GatherOutcomes<T>(params IEnumerable<IAwaitable<T>> awaitables) =>
        Gather(awaitables, Futures.OutcomesOf<T>, collectsFailures: true);

    /// <summary>Runs coroutines without results concurrently and waits for all of them, however they end
    /// (<c>asyncio.gather(…, return_exceptions=True)</c>). The value of each outcome is null.</summary>
    /// <param name="coroutines">What to run. They become tasks.</param>
    [OverloadResolutionPriority(-2)] // coroutines of several types are Coroutines as well as IAwaitables, but their results are wanted
    public static Future<Outcome<object?>[]> GatherOutcomes(params IEnumerable<Coroutine> coroutines) =>
        Gather(coroutines, Futures.BoxedOutcomesOf, collectsFailures: true);

    /// <summary>Runs awaitables of any types, also without results, concurrently and waits for all of them, however they end
    /// (<c>asyncio.gather(…, return_exceptions=True)</c>). The value of an outcome is the result; null where there is none.</summary>
    /// <param name="awaitables">What to run. Coroutines become tasks.</param>
    [OverloadResolutionPriority(-1)]
    public static Future<Outcome<object?>[]> GatherOutcomes(params IEnumerable<IAwaitable> awaitables) =>
        Gather(awaitables, Futures.BoxedOutcomesOf, collectsFailures: true);

    private static GatherFuture<TResult> Gather<TAwaitable, TResult>(
        IEnumerable<TAwaitable> awaitables, Func<Future[], TResult> collect, bool collectsFailures = false)
        where TAwaitable : IAwaitable
    {
        var (loop, futures) = Futures.EnsureAll(awaitables);
        return new GatherFuture<TResult>(loop, futures, collect, collectsFailures);
    }
}
