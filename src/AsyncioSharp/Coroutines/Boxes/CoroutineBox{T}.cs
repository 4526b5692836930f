using System.Diagnostics;
using System.Runtime.CompilerServices;
using AsyncioSharp.LowLevel;

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

    internal sealed override object? BoxedResult => Result;

    /// <summary><see cref="CoroutineSource.End"/> with the result.</summary>
    /// <param name="source">A box, or a <see cref="Suspension{T}"/>.</param>
    /// <param name="token">The coroutine's token.</param>
    [StackTraceHidden]
    internal static T End(CoroutineSource source, int token)
    {
        // Nothing of the box is touched before it is known to be one.
        var box = Unsafe.As<CoroutineBox<T>>(source);
        if (source.Version != token || source.Status != CoroutineStatus.Succeeded)
            return EndOtherwise(source, token);
        var result = box.Result;
        box.Recycle();
        return result;
    }

    [StackTraceHidden]
    private static T EndOtherwise(CoroutineSource source, int token)
    {
        if (source.Status == CoroutineStatus.Suspension)
            return Unsafe.As<Suspension<T>>(source).EndWithResult(token);
        if (source.Version == token && source.Status > CoroutineStatus.Succeeded)
            Unsafe.As<CoroutineBox<T>>(source).Throw();
        throw source.CanBegin(token) ? NotAwaited() : Misused();
    }
}
