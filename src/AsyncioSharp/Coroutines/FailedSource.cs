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

    internal override bool IsReady(long token) => true;

    internal override void Begin(CoroutineBox parent, long token) => throw new UnreachableException();

    [StackTraceHidden]
    internal override void End(long token) => _failure.Throw();
}
