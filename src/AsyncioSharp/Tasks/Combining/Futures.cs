using System.Diagnostics;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>What the combinators share.</summary>
internal static class Futures
{
    /// <summary>
    /// A future for each awaitable: tasks are made of the coroutines. Either all become futures or, with an exception, none does.
    /// </summary>
    public static (EventLoop Loop, Future[] Futures) EnsureAll<TAwaitable>(IEnumerable<TAwaitable> awaitables)
        where TAwaitable : IAwaitable
    {
        ArgumentNullException.ThrowIfNull(awaitables);
        var list = awaitables.ToArray();
        foreach (var each in list)
        {
            if (each is null)
                throw new ArgumentException("One of the awaitables is null.", nameof(awaitables));
        }
        var loop = EventLoop.RunningOrNull ?? (list.OfType<Future>().FirstOrDefault() is { } future ? future.Loop : EventLoop.Running);
        var futures = new Future[list.Length];
        var done = 0;
        try
        {
            for (; done < list.Length; done++)
                futures[done] = list[done].AsFuture(loop);
        }
        catch
        {
            for (var i = 0; i < done; i++)
            {
                if (!ReferenceEquals(futures[i], list[i]))
                    futures[i].Cancel();
            }
            throw;
        }
        return (loop, futures);
    }

    /// <summary>The result of a future that has one; otherwise throws what it ended with.</summary>
    [StackTraceHidden]
    public static T ResultOf<T>(Future future) => future is AsyncioTask<T> task ? task.Result : ((Future<T>)future).Result;

    public static T[] ResultsOf<T>(Future[] futures)
    {
        var results = new T[futures.Length];
        for (var i = 0; i < results.Length; i++)
            results[i] = ResultOf<T>(futures[i]);
        return results;
    }

    public static Outcome<T>[] OutcomesOf<T>(Future[] futures)
    {
        var outcomes = new Outcome<T>[futures.Length];
        for (var i = 0; i < outcomes.Length; i++)
            outcomes[i] = OutcomeOf<T>(futures[i]);
        return outcomes;
    }

    /// <summary>The outcomes of futures of any types, and of those without a result.</summary>
    public static Outcome<object?>[] BoxedOutcomesOf(Future[] futures) =>
        Array.ConvertAll(futures, static future => FailureOf(future) is { } failure ? new Outcome<object?>(failure) : new(future.BoxedResult));

    private static Outcome<T> OutcomeOf<T>(Future future) =>
        FailureOf(future) is { } failure ? new Outcome<T>(failure) : new Outcome<T>(ResultOf<T>(future));

    private static Exception? FailureOf(Future future) => future.IsCanceled ? future.MakeCanceledException() : future.Exception;
}
