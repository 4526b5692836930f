namespace AsyncioSharp.AspNetCore;

/// <summary>
/// Keeps the loop away from a pipe while the one who reads, or writes, does something to it. On the loop's own thread nobody
/// has to be kept away, and no lock is taken, which is the usual case.
/// </summary>
internal readonly ref struct LoopExclusion
{
    private readonly Lock? _lock;

    public LoopExclusion(AsyncioConnection connection, Lock @lock)
    {
        if (connection.Loop.IsOnThread)
            return;
        _lock = @lock;
        @lock.Enter();
    }

    public void Dispose() => _lock?.Exit();
}
