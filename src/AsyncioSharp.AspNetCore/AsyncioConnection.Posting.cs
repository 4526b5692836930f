namespace AsyncioSharp.AspNetCore;

// What other threads want to be done on the loop. It may have moved to another by the time the first gets to it.
internal sealed partial class AsyncioConnection
{
    /// <summary>Has something run on the loop, from any thread.</summary>
    /// <param name="action">What.</param>
    /// <param name="otherwise">Run instead, here or on any thread, if the loop is closed, or closes first.</param>
    /// <returns>False if the loop is closed, and so the connection. What is to be run instead was.</returns>
    public bool TryPost(Action action, Action? otherwise = null)
    {
        if (!Loop.IsOnThread || _isArriving)
            return TryPostAlways(action, otherwise);
        action();
        return true;
    }

    /// <summary>Has something run on the loop in a turn of its own, from any thread.</summary>
    /// <inheritdoc cref="TryPost"/>
    public bool TryPostAlways(Action action, Action? otherwise = null)
    {
        var post = new Posted(this, action, otherwise);
        try
        {
            Loop.CallSoonThreadsafe(static post => post.Run(), post, null, static post => post.RunOtherwise());
            return true;
        }
        catch (ObjectDisposedException)
        {
            post.RunOtherwise();
            return false;
        }
    }

    private void RunPosted(Action action, Action? otherwise)
    {
        if (!Loop.IsOnThread)
            TryPostAlways(action, otherwise);
        else if (_isArriving)
            (_onArrival ??= []).Enqueue(action);
        else
            action();
    }

    private readonly record struct Posted(AsyncioConnection Connection, Action Action, Action? Otherwise)
    {
        public void Run() => Connection.RunPosted(Action, Otherwise);

        public void RunOtherwise()
        {
            Connection._lost.TrySetResult();
            Otherwise?.Invoke();
        }
    }
}
