using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>Reports the failure of what was shielded: whoever waited was cancelled, and nobody else may be looking.</summary>
internal sealed class OrphanReport(Future inner) : Runnable
{
    internal override void Run()
    {
        if (inner.IsCanceled || inner.Exception is not { } failure)
            return;
        inner.Loop.CallExceptionHandler(new ExceptionContext(
            $"What was shielded failed with {failure.GetType().Name} after the wait for it was cancelled.")
        {
            Exception = failure,
            Future = inner,
        });
    }
}
