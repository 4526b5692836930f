using System.Diagnostics;

namespace AsyncioSharp.CompilerServices;

/// <summary>A <see cref="CoroutineBox"/> with the place for its result.</summary>
internal abstract class CoroutineBox<T> : CoroutineBox
{
    internal T Result = default!;

    internal void Succeed(T result)
    {
        Result = result;
        Status = CoroutineStatus.Succeeded;
    }

    /// <summary><see cref="CoroutineSource.End"/> with the result.</summary>
    [StackTraceHidden]
    internal T EndWithResult(int token)
    {
        if (Version != token || Status < CoroutineStatus.Succeeded)
            throw Misused();
        if (Status != CoroutineStatus.Succeeded)
            Throw();
        var result = Result;
        Recycle();
        return result;
    }
}
