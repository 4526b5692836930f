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

    public static void Set(Exception failure) => t_failure = failure;

    /// <summary>Throws the exception if there is one.</summary>
    [StackTraceHidden]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Take()
    {
        if (t_failure is not null)
            Throw();
    }

    [StackTraceHidden]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Throw()
    {
        var failure = t_failure!;
        t_failure = null;
        ExceptionDispatchInfo.Throw(failure);
    }
}
