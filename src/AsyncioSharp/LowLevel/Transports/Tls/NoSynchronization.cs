namespace AsyncioSharp.LowLevel;

/// <summary>
/// No synchronization context is current until this is disposed of: what completes meanwhile is continued at once, and not
/// sent to the thread pool.
/// </summary>
internal readonly ref struct NoSynchronization
{
    private readonly SynchronizationContext? _context;

    public NoSynchronization()
    {
        _context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
    }

    public void Dispose() => SynchronizationContext.SetSynchronizationContext(_context);
}
