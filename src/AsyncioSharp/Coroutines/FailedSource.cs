using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>A coroutine that has failed before anyone awaited it.</summary>
internal sealed class FailedSource : CoroutineSource
{
    private readonly ExceptionDispatchInfo _failure;

    public FailedSource(Exception exception)
    {
        _failure = ExceptionDispatchInfo.Capture(exception);
        Status = CoroutineStatus.Suspension;
    }

    internal override void Begin(CoroutineBox parent, long token) => parent.ResumeAtOnce = true;

    [StackTraceHidden]
    internal override void End(long token)
    {
        Delivery.Take(); // where it was handed over to foreign code, it must not wait there for the next await
        _failure.Throw();
    }
}
