namespace AsyncioSharp.LowLevel;

/// <summary>A <see cref="CallbackNode"/> for an action with a state.</summary>
internal sealed class CallbackNode<TState> : CallbackNode
{
    private const int PoolSize = 2048;

    [ThreadStatic]
    private static CallbackNode<TState>? t_pool;

    [ThreadStatic]
    private static int t_pooled;

    private Action<TState>? _callback;
    private TState _state = default!;
    private CallbackNode<TState>? _next;

    public static CallbackNode<TState> Rent(Action<TState> callback, TState state, ExecutionContext? context)
    {
        var node = t_pool;
        if (node is null)
        {
            node = new CallbackNode<TState>();
        }
        else
        {
            t_pool = node._next;
            node._next = null;
            t_pooled--;
        }
        node._callback = callback;
        node._state = state;
        node.Context = context;
        return node;
    }

    private protected override void InvokeAndRecycle()
    {
        var callback = _callback!;
        var state = _state;
        Recycle();
        callback(state);
    }

    private protected override void Recycle()
    {
        _callback = null;
        _state = default!;
        Context = null;
        if (t_pooled == PoolSize)
            return;
        _next = t_pool;
        t_pool = this;
        t_pooled++;
    }
}
