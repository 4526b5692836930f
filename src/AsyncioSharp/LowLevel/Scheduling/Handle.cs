namespace AsyncioSharp.LowLevel;

/// <summary>
/// A callback that a loop is to run (<c>asyncio.Handle</c>). It is a small value over records that the loop reuses: keep
/// it, copy it, or drop it. Use it on the loop's thread only; the handles that
/// <see cref="EventLoop.CallSoonThreadsafe(Action, ExecutionContext?, Action?)"/> returns can be used on any.
/// </summary>
public readonly struct Handle
{
    private readonly object? _owner; // HandleBlock, or ThreadsafeItem
    private readonly CallbackNode? _node; // null for a plain action, which stands in the ready queue itself
    private readonly long _position; // in the ready queue, or the node's version
    private readonly int _index;

    internal Handle(HandleBlock block, int index, long position)
    {
        _owner = block;
        _index = index;
        _position = position;
    }

    internal Handle(HandleBlock block, int index, CallbackNode node)
    {
        _owner = block;
        _index = index;
        _node = node;
        _position = node.Version;
    }

    internal Handle(ThreadsafeItem callback) => _owner = callback;

    /// <summary>Whether <see cref="Cancel"/> kept the callback from running (<c>Handle.cancelled()</c>), or, of one that another thread has
    /// handed in, that the loop was closed first.</summary>
    public bool IsCanceled => _owner switch
    {
        HandleBlock block => block.IsCanceled(_index),
        ThreadsafeItem callback => callback.IsCanceled,
        _ => false,
    };

    /// <summary>Whether the callback still waits for its turn: it neither ran, nor runs, nor was cancelled.</summary>
    public bool IsPending => _owner switch
    {
        HandleBlock block => _node is null ? block.Loop.Ready.IsWaiting(_position) : _node.Version == _position,
        ThreadsafeItem callback => callback.IsPending,
        _ => false,
    };

    /// <summary>In debug mode, where the program scheduled the callback.</summary>
    public IReadOnlyList<CallGraphFrame>? SourceTraceback => _owner switch
    {
        HandleBlock block => block.Origin(_index),
        ThreadsafeItem callback => callback.Origin,
        _ => null,
    };

    /// <summary>Keeps the callback from running (<c>Handle.cancel()</c>); harmless once it ran or was cancelled.</summary>
    /// <returns>True if the callback was still to run.</returns>
    public bool Cancel()
    {
        if (_owner is ThreadsafeItem callback)
            return callback.Cancel();
        if (_owner is not HandleBlock block)
            return false;
        block.Loop.CheckThread();
        var withdrawn = _node is null ? block.Loop.Ready.Withdraw(_position) : _node.TryWithdraw(block.Loop, _position);
        if (withdrawn)
            block.SetCanceled(_index);
        return withdrawn;
    }
}
