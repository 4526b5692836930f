using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// The outcome with which the await that is about to be resumed ends, handed from whoever resumes it to its awaiter:
/// between the two nothing else runs on the thread. Tasks are handed exceptions only; .NET's asynchronous code results too.
/// </summary>
internal static class Delivery
{
    [ThreadStatic]
    private static object? t_outcome;

    // How many threads have one: it spares the look-up of the thread's own where, as nearly always, nobody has.
    private static int s_pending;

    public static void Set(Exception failure) => SetOutcome(failure);

    public static void SetResult(object? result) => SetOutcome(new Result(result));

    /// <summary>Forgets an outcome that was not asked for, so that no other await gets it.</summary>
    public static void Clear()
    {
        if (s_pending != 0)
            TakeOutcome();
    }

    /// <summary>Throws the exception if there is one.</summary>
    [StackTraceHidden]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Take()
    {
        if (s_pending != 0)
            TakeOwn(out _);
    }

    /// <summary>Throws the exception if there is one.</summary>
    /// <param name="result">The result that there is instead.</param>
    /// <returns>Whether there is a result.</returns>
    [StackTraceHidden]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTake([NotNullWhen(true)] out Result? result)
    {
        result = null;
        return s_pending != 0 && TakeOwn(out result);
    }

    private static void SetOutcome(object outcome)
    {
        if (t_outcome is null)
            Interlocked.Increment(ref s_pending);
        t_outcome = outcome;
    }

    private static object? TakeOutcome()
    {
        var outcome = t_outcome;
        if (outcome is not null)
        {
            t_outcome = null;
            Interlocked.Decrement(ref s_pending);
        }
        return outcome;
    }

    [StackTraceHidden]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TakeOwn([NotNullWhen(true)] out Result? result)
    {
        var outcome = TakeOutcome();
        if (outcome is Exception failure)
            ExceptionDispatchInfo.Throw(failure);
        result = outcome as Result;
        return result is not null;
    }

    internal sealed record Result(object? Value);
}
