using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>Cancels what code of the program may have registered with.</summary>
internal static class CancellationTokenSourceExtensions
{
    /// <summary>Cancels a token. What its callbacks throw is no business of whoever cancels it, and is reported.</summary>
    /// <param name="source">The token's source.</param>
    /// <param name="future">Whose token it is.</param>
    /// <param name="message">What is reported then.</param>
    public static void CancelOrReport(this CancellationTokenSource source, Future future, string message)
    {
        try
        {
            source.Cancel();
        }
        catch (AggregateException e)
        {
            future.Loop.CallExceptionHandler(new ExceptionContext(message)
            {
                Exception = e.InnerExceptions.Count == 1 ? e.InnerExceptions[0] : e,
                Future = future,
            });
        }
    }
}
