namespace AsyncioSharp.LowLevel;

/// <summary>A callback scheduled from any thread, which any thread may cancel.</summary>
internal abstract class ThreadsafeItem(ExecutionContext? context) : InboxItem
{
    private const int Pending = 0, Started = 1, Canceled = 2;

    private ExecutionContext? _context = context;
    private int _state;

    /// <summary>In debug mode, where it was scheduled.</summary>
    public IReadOnlyList<CallGraphFrame>? Origin { get; set; }

    public bool IsCanceled => Volatile.Read(ref _state) == Canceled;

    public bool IsPending => Volatile.Read(ref _state) == Pending;

    public bool Cancel()
    {
        if (!TryCancel())
            return false;
        Release();
        return true;
    }

    /// <summary>Whoever has its handle finds it cancelled.</summary>
    internal override void Dropped() => Cancel();

    internal sealed override void Run()
    {
        if (Interlocked.CompareExchange(ref _state, Started, Pending) != Pending)
            return;
        if (_context is { } within)
            ExecutionContext.Restore(within);
        Call();
    }

    /// <summary>Cancels it, but lets it keep what it holds.</summary>
    private protected bool TryCancel() => Interlocked.CompareExchange(ref _state, Canceled, Pending) == Pending;

    /// <summary>Calls it.</summary>
    private protected abstract void Call();

    /// <summary>It will not be called, and need not hold anything.</summary>
    private protected virtual void Release() => _context = null;
}
