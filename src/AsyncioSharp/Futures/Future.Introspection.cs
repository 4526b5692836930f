using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

// For call graphs.
public abstract partial class Future
{
    string? IWaitTarget.DescribeWait(AsyncioTask task) => WaitText;

    /// <summary>In debug mode, where the program made it.</summary>
    public IReadOnlyList<CallGraphFrame>? SourceTraceback => Loop.Origins?.Of(this);

    /// <summary>Whether it is known by nothing but its type.</summary>
    internal bool IsAnonymous => Label == "Future";

    private protected virtual string WaitText => ToString();

    /// <summary>The tasks and futures that wait for this.</summary>
    internal List<Future> FindWaiters()
    {
        var waiters = new List<Future>();
        if (_callbacks is List<Runnable> list)
        {
            foreach (var callback in list)
                AddWaiter(waiters, callback);
        }
        else if (_callbacks is Runnable single)
        {
            AddWaiter(waiters, single);
        }
        return waiters;
    }

    private static void AddWaiter(List<Future> waiters, Runnable callback)
    {
        var waiter = callback as AsyncioTask ?? callback.OnBehalfOf;
        if (waiter is null || waiters.Contains(waiter))
            return;
        // Whoever waits for a gathering future waits for its parts.
        if (waiter is not AsyncioTask && waiter.FindWaiters() is { Count: > 0 } behind)
            waiters.AddRange(behind.Except(waiters));
        else
            waiters.Add(waiter);
    }
}
