namespace AsyncioSharp.Stress.Running;

/// <summary>Keeps the accounts of exceptions: a <see cref="ScriptedFailure"/> may be inside others.</summary>
internal static class Failures
{
    public static void See(Exception? exception)
    {
        foreach (var failure in In(exception))
            failure.Seen++;
    }

    public static void Report(Exception? exception)
    {
        foreach (var failure in In(exception))
            failure.Reported++;
    }

    /// <summary>A future's failure may have been dropped.</summary>
    public static void Excuse(Future future)
    {
        if (future.IsFaulted)
            Excuse(future.Exception, 1);
    }

    public static void Excuse(Exception? exception, int times)
    {
        foreach (var failure in In(exception))
            failure.Excused += times;
    }

    /// <summary>Whether programs end with such exceptions.</summary>
    public static bool IsExpected(Exception? exception) => exception switch
    {
        ScriptedFailure or TimeoutException or OperationCanceledException or QueueShutDownException or BrokenBarrierException => true,
        AggregateException group => group.InnerExceptions.All(IsExpected),
        _ => false,
    };

    private static IEnumerable<ScriptedFailure> In(Exception? exception) => exception switch
    {
        ScriptedFailure failure => [failure],
        AggregateException group => group.InnerExceptions.SelectMany(In),
        _ => [],
    };
}
