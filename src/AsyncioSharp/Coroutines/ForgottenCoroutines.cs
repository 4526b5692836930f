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

    private readonly ConcurrentQueue<CoroutineOrigin> _found = new();
    private volatile bool _closed;

    public void Add(CoroutineOrigin origin) => (_closed ? Homeless : this)._found.Enqueue(origin);

    /// <summary>Nobody looks here any more, but for once.</summary>
    public void Close() => _closed = true;

    public bool TryTake(out string description)
    {
        if (_found.TryDequeue(out var origin))
        {
            description = origin.Description;
            return true;
        }
        description = "";
        return false;
    }
}
