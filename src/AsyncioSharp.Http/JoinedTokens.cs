using System.Collections.Concurrent;

namespace AsyncioSharp.Http;

/// <summary>
/// A token that either of two others cancels: the caller's and the task's. Every request needs one, and every body that is read;
/// .NET's linked source would be made anew each time, with all that registers with it.
/// </summary>
internal sealed class JoinedTokens
{
    private const int MaxSpare = 256;

    private static readonly ConcurrentQueue<JoinedTokens> s_spare = new();

    private readonly CancellationTokenSource _source = new();
    private CancellationTokenRegistration _first;
    private CancellationTokenRegistration _second;

    /// <summary>Cancelled with either.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Joins two tokens, on any thread.</summary>
    public static JoinedTokens Of(CancellationToken first, CancellationToken second)
    {
        if (!s_spare.TryDequeue(out var joined))
            joined = new JoinedTokens();
        joined._first = first.UnsafeRegister(static joined => ((JoinedTokens)joined!)._source.Cancel(), joined);
        joined._second = second.UnsafeRegister(static joined => ((JoinedTokens)joined!)._source.Cancel(), joined);
        return joined;
    }

    /// <summary>Neither cancels it from here on.</summary>
    /// <param name="reuse">Whether nobody can have kept the token.</param>
    public void Part(bool reuse)
    {
        // Both wait for a cancellation that is being told on another thread.
        _first.Dispose();
        _second.Dispose();
        _first = _second = default;
        if (reuse && s_spare.Count < MaxSpare && _source.TryReset())
            s_spare.Enqueue(this);
        else
            _source.Dispose();
    }
}
