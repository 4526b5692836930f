namespace AsyncioSharp.LowLevel;

/// <summary>A plain callback scheduled from any thread.</summary>
internal sealed class ThreadsafeCallback(Action callback, ExecutionContext? context) : ThreadsafeItem(context)
{
    private Action? _callback = callback;

    internal override Delegate? UserCallback => _callback;

    private protected override void Call() => _callback!();

    private protected override void Release()
    {
        base.Release();
        _callback = null;
    }
}
