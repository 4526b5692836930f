namespace AsyncioSharp.LowLevel;

/// <summary>
/// A callback that needs more than a place in the ready queue: a state, a context, or a deadline. Nodes are reused; the
/// version tells a handle whether the node is still the one it was made for.
/// </summary>
internal abstract class CallbackNode : Runnable
{
    /// <summary>For callbacks without a state. It stands here and not in the loop, whose making would make it, and the types that it needs.</summary>
    internal static readonly Action<Action> InvokeAction = static callback => callback();

    internal ExecutionContext? Context;
    internal long Version;
    private bool _withdrawn;

    /// <summary>Withdraws the callback if the node still has the version given.</summary>
    internal bool TryWithdraw(EventLoop loop, long version)
    {
        if (Version != version)
            return false;
        Version++;
        if (loop.Timers.Remove(this))
            Recycle();
        else
            _withdrawn = true; // it stands in the ready queue, which gives it back when it comes to it
        return true;
    }

    internal sealed override void Run()
    {
        if (_withdrawn)
        {
            _withdrawn = false;
            Recycle();
            return;
        }
        Version++;
        var context = Context;
        if (context is not null)
            ExecutionContext.Restore(context); // the loop restores its own after each callback
        InvokeAndRecycle();
    }

    /// <summary>Empties the node, gives it back, and only then calls: the callback may need a node itself.</summary>
    private protected abstract void InvokeAndRecycle();

    private protected abstract void Recycle();
}
