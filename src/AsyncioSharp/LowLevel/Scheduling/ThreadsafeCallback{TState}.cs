namespace AsyncioSharp.LowLevel;

/// <summary>A callback with its state, scheduled from any thread, whose caller can be told that the loop was closed before it had its turn.</summary>
internal sealed class ThreadsafeCallback<TState>(
    EventLoop loop, Action<TState> callback, TState state, ExecutionContext? context, Action<TState>? otherwise) : ThreadsafeItem(context)
{
    private TState _state = state;

    internal override Delegate? UserCallback => callback;

    internal override void Dropped()
    {
        if (!TryCancel())
            return; // it was cancelled before
        try
        {
            otherwise?.Invoke(_state);
        }
        catch (Exception e)
        {
            loop.CallExceptionHandler(
                new ExceptionContext("What was called instead of a callback that a closing loop has dropped has failed.") { Exception = e });
        }
        Release();
    }

    private protected override void Call() => callback(_state);

    private protected override void Release()
    {
        base.Release();
        _state = default!;
    }
}
