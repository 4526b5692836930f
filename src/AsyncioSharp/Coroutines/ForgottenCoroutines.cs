using System.Collections.Concurrent;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// Coroutines of a loop that were collected before anyone awaited them. Finalizers put them here, apart from the loop, which they must
/// not touch; the loop takes them out and reports them.
/// </summary>
internal sealed class ForgottenCoroutines
{
    /// <summary>Those that were made where no loop runs, or whose loop is closed: for whichever loop looks next.</summary>
    public static readonly ForgottenCoroutines Homeless = new();

    private ConcurrentQueue<CoroutineOrigin>? _found; // in most programs there never are any
    private volatile bool _closed;

    public void Add(CoroutineOrigin origin) => (_closed ? Homeless : this).Found.Enqueue(origin);

    /// <summary>Nobody looks here any more, but for once.</summary>
    public void Close() => _closed = true;

    public bool TryTake(out string description)
    {
        description = "";
        return Volatile.Read(ref _found) is not null && TryTakeFound(ref description);
    }

    private ConcurrentQueue<CoroutineOrigin> Found =>
        Volatile.Read(ref _found) ?? Interlocked.CompareExchange(ref _found, new ConcurrentQueue<CoroutineOrigin>(), null) ?? _found;

    private bool TryTakeFound(ref string description)
    {
        if (!_found!.TryDequeue(out var origin))
            return false;
        description = origin.Description;
        return true;
    }
}
