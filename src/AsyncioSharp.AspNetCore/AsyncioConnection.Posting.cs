namespace AsyncioSharp.AspNetCore;

// What other threads want to be done on the loop. It may have moved to another by the time the first gets to it.
internal sealed partial class AsyncioConnection
{
    /// <summary>Has something run on the loop, from any thread.</summary>
    /// <returns>False if the loop is closed, and so the connection.</returns>
    public bool TryPost(Action action)
    {
        if (!Loop.IsOnThread || _isArriving)
            return TryPostAlways(action);
        action();
        return true;
    }

    /// <summary>Has something run on the loop in a turn of its own, from any thread.</summary>
    /// <param name="action">What.</param>
    /// <param name="otherwise">Run instead, on any thread, if the connection moves to a loop that is closed by then.</param>
    /// <returns>False if the loop is closed, and so the connection.</returns>
    public bool TryPostAlways(Action action, Action? otherwise = null)
    {
        if (TryCallSoon(() => RunPosted(action, otherwise)))
            return true;
        _lost.TrySetResult();
        return false;
    }

    private bool TryCallSoon(Action action)
    {
        try
        {
            Loop.CallSoonThreadsafe(action);
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    private void RunPosted(Action action, Action? otherwise)
    {
        if (!Loop.IsOnThread)
        {
            if (!TryPostAlways(action, otherwise))
                otherwise?.Invoke();
        }
        else if (_isArriving)
        {
            (_onArrival ??= []).Enqueue(action);
        }
        else
        {
            action();
        }
    }
}
