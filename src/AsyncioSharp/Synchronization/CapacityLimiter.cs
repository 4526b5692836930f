using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// Bounds how many do something at a time: whoever wants to borrows a token, and there are only so many. Unlike with a
/// semaphore, the limiter knows who holds a token, so that one that is asked for twice or given back by somebody else shows
/// at once, and the number of tokens can be changed at any time. It is Trio's class of that name; asyncio has none.
/// </summary>
/// <remarks>
/// Nobody overtakes those who wait. It can be made before a loop runs, and belongs to the first loop on which a task waits
/// for it.
/// </remarks>
public sealed partial class CapacityLimiter
{
    private readonly HashSet<object> _borrowers = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<object> _waiting = new(ReferenceEqualityComparer.Instance); // neither may ask for another token
    private readonly ParkingLot _waiters;

    /// <summary>Makes a limiter.</summary>
    /// <param name="totalTokens">How many tokens there are. <see cref="int.MaxValue"/> for no limit, zero for a limiter that
    /// lets nobody through until it is given some.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public CapacityLimiter(int totalTokens)
    {
        _waiters = new ParkingLot(this, forfeited: TakeTokenBack);
        TotalTokens = totalTokens;
    }

    /// <summary>
    /// How many tokens there are. If it grows, those who wait get the new ones; if it shrinks below what is borrowed, nobody
    /// gets a token until enough are given back.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public int TotalTokens
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
            HandOut();
        }
    }

    /// <summary>How many tokens are borrowed.</summary>
    public int BorrowedTokens { get; private set; }

    /// <summary>How many tokens are there to be borrowed. It is negative while more are borrowed than there should be.</summary>
    public int AvailableTokens => TotalTokens - BorrowedTokens;

    /// <summary>How many wait for a token.</summary>
    public int WaitingCount => _waiters.Count;

    /// <summary>Borrows a token for the task that awaits this, and waits until there is one.</summary>
    /// <returns>Gives the token back when disposed: <c>using (await limiter.AcquireAsync())</c>.</returns>
    /// <exception cref="InvalidOperationException">The task holds one already.</exception>
    public Coroutine<Releaser> AcquireAsync() => BorrowForTaskAsync();

    /// <summary>Borrows a token for something else than a task, and waits until there is one.</summary>
    /// <param name="borrower">Who is to hold it; any object that stands for what is to be limited.</param>
    /// <returns>Gives the token back when disposed.</returns>
    /// <exception cref="InvalidOperationException">The borrower holds a token already, or waits for one.</exception>
    public Coroutine<Releaser> AcquireOnBehalfOfAsync(object borrower)
    {
        ArgumentNullException.ThrowIfNull(borrower);
        return BorrowAsync(borrower);
    }

    /// <summary>Borrows a token for the running task if there is one.</summary>
    /// <returns>False if there is none.</returns>
    /// <exception cref="InvalidOperationException">The task holds one already, or no task runs.</exception>
    public bool TryAcquire() => TryAcquireOnBehalfOf(EventLoop.RunningTask.RunsFor);

    /// <summary>Borrows a token for something else than a task if there is one.</summary>
    /// <param name="borrower">Who is to hold it.</param>
    /// <returns>False if there is none.</returns>
    /// <exception cref="InvalidOperationException">The borrower holds a token already, or waits for one.</exception>
    public bool TryAcquireOnBehalfOf(object borrower)
    {
        ArgumentNullException.ThrowIfNull(borrower);
        CheckMayBorrow(borrower);
        return TryTakeToken() && _borrowers.Add(borrower);
    }

    /// <summary>Gives the running task's token back.</summary>
    /// <exception cref="InvalidOperationException">The task holds none, or no task runs.</exception>
    public void Release() => ReleaseOnBehalfOf(EventLoop.RunningTask.RunsFor);

    /// <summary>Gives a borrower's token back.</summary>
    /// <param name="borrower">Who holds it.</param>
    /// <exception cref="InvalidOperationException">The borrower holds none.</exception>
    public void ReleaseOnBehalfOf(object borrower)
    {
        ArgumentNullException.ThrowIfNull(borrower);
        if (!_borrowers.Remove(borrower))
        {
            throw new InvalidOperationException(
                $"{borrower} holds none of the limiter's tokens. Whoever borrowed a token gives it back; to pass it on to " +
                "another task, borrow it with AcquireOnBehalfOfAsync for an object that both know.");
        }
        TakeTokenBack();
    }

    /// <summary>How many tokens are borrowed, and how many tasks wait.</summary>
    public override string ToString() => WaitingCount == 0
        ? $"CapacityLimiter [borrowed:{BorrowedTokens}/{TotalTokens}]"
        : $"CapacityLimiter [borrowed:{BorrowedTokens}/{TotalTokens}, waiters:{WaitingCount}]";

    /// <summary>Gives a token back when disposed.</summary>
    public readonly struct Releaser : IDisposable
    {
        private readonly CapacityLimiter _limiter;
        private readonly object _borrower;

        internal Releaser(CapacityLimiter limiter, object borrower)
        {
            _limiter = limiter;
            _borrower = borrower;
        }

        /// <summary>Gives the token back. Call it once.</summary>
        public void Dispose() => _limiter?.ReleaseOnBehalfOf(_borrower);
    }
}
