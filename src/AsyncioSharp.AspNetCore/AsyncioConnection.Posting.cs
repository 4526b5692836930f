using AsyncioSharp.LowLevel;

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
        if (!Loop.IsOnThread || IsArriving)
            return TryPostAlways(action, otherwise);
        action();
        return true;
    }

    /// <summary>Has something run on the loop in a turn of its own, from any thread.</summary>
    /// <inheritdoc cref="TryPost"/>
    public bool TryPostAlways(Action action, Action? otherwise = null)
    {
        var loop = Loop;
        var post = new Posted(this, loop, action, otherwise);
        try
        {
            loop.CallSoonThreadsafe(static post => post.Run(), post, null, static post => post.RunOtherwise());
            return true;
        }
        catch (ObjectDisposedException)
        {
            return post.RunOtherwise();
        }
    }

    private void RunPosted(Posted post)
    {
        if (!Loop.IsOnThread)
            TryPostAlways(post.Action, post.Otherwise);
        else if (IsArriving)
            (_onArrival ??= []).Enqueue(post);
        else
            post.Action();
    }

    private readonly record struct Posted(AsyncioConnection Connection, EventLoop Loop, Action Action, Action? Otherwise)
    {
        public void Run() => Connection.RunPosted(this);

        /// <summary>The connection has come to its loop, or was lost on the way.</summary>
        public void RunArrived()
        {
            if (Otherwise is null || Connection.Loop.IsOnThread)
                Action();
            else
                Otherwise(); // the loop closes
        }

        /// <returns>False if the connection's loop is closed. Where only the one is that it has left, this goes after it.</returns>
        public bool RunOtherwise()
        {
            if (!ReferenceEquals(Connection.Loop, Loop))
                return Connection.TryPostAlways(Action, Otherwise);
            Connection._lost.TrySetResult();
            Otherwise?.Invoke();
            return false;
        }
    }
}
