using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// The exception with which the await that is about to be resumed ends, handed from whoever resumes it to its awaiter:
/// between the two nothing else runs on the thread.
/// </summary>
internal static class Delivery
{
    [ThreadStatic]
    private static Exception? t_failure;

    // How many threads have one: it spares the look-up of the thread's own where, as nearly always, nobody has.
    private static int s_pending;

    public static void Set(Exception failure)
    {
        if (t_failure is null)
            Interlocked.Increment(ref s_pending);
        t_failure = failure;
    }

    /// <summary>Forgets an exception that was not asked for, so that no other await gets it.</summary>
    public static void Clear()
    {
        if (s_pending == 0 || t_failure is null)
            return;
        t_failure = null;
        Interlocked.Decrement(ref s_pending);
    }

    /// <summary>Throws the exception if there is one.</summary>
    [StackTraceHidden]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Take()
    {
        if (s_pending != 0)
            TakeOwn();
    }

    [StackTraceHidden]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void TakeOwn()
    {
        if (t_failure is not { } failure)
            return;
        t_failure = null;
        Interlocked.Decrement(ref s_pending);
        ExceptionDispatchInfo.Throw(failure);
    }
}
