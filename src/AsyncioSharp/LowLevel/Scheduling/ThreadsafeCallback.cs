namespace AsyncioSharp.LowLevel;

/// <summary>A callback scheduled from any thread, which any thread may cancel.</summary>
internal sealed class ThreadsafeCallback(Action callback, ExecutionContext? context) : InboxItem
{
    private const int Pending = 0, Started = 1, Canceled = 2;

    private Action? _callback = callback;
    private ExecutionContext? _context = context;
    private int _state;

    /// <summary>In debug mode, where it was scheduled.</summary>
    public IReadOnlyList<CallGraphFrame>? Origin { get; set; }

    public bool IsCanceled => Volatile.Read(ref _state) == Canceled;

    public bool IsPending => Volatile.Read(ref _state) == Pending;

    public bool Cancel()
    {
        if (Interlocked.CompareExchange(ref _state, Canceled, Pending) != Pending)
            return false;
        _callback = null;
        _context = null;
        return true;
    }

    internal override void Run()
    {
        var (call, within) = (_callback, _context);
        if (Interlocked.CompareExchange(ref _state, Started, Pending) != Pending)
            return;
        if (within is not null)
            ExecutionContext.Restore(within);
        call!();
    }
}
