using System.Threading.Tasks.Sources;

namespace AsyncioSharp.AspNetCore;

/// <summary>
/// What a pipe's read or flush waits in. Where it goes on is where it was begun: in a synchronization context, as the application is
/// while it runs on behalf of a task; on the loop without one, as Kestrel is; or on the thread pool.
/// </summary>
/// <typeparam name="TResult">What it ends with.</typeparam>
internal sealed partial class LoopWait<TResult>(AsyncioConnection connection, ILoopWaitOwner<TResult> owner) : IValueTaskSource<TResult>
{
    private CancellationToken _token;
    private CancellationTokenRegistration _registration;
    private short _version;
    private volatile bool _isReady;

    /// <summary>Guards the pipe, and this.</summary>
    public Lock Lock { get; } = new();

    /// <summary>Whether somebody waits, or has not taken the outcome.</summary>
    public bool IsPending { get; private set; }

    /// <summary>Whether somebody waits who goes on on the loop, on behalf of nobody: Kestrel.</summary>
    public bool IsWaitingOnLoop => IsPending && !_isReady && !IsCancelRequested && _continuation is not null && _onLoop && _synchronization is null;

    /// <summary>Whether the next outcome is to say that it was cancelled.</summary>
    public bool IsCancelRequested { get; private set; }

    /// <summary>The outcome is there, and nobody waited.</summary>
    public TResult Take()
    {
        var isCanceled = IsCancelRequested;
        if (isCanceled) // written only then: without the lock a request that comes just now would be lost
            IsCancelRequested = false;
        return owner.TakeOutcome(isCanceled);
    }

    /// <summary>Begins to wait.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="movesToLoop">Whether it goes on on the loop, wherever it was begun.</param>
    public ValueTask<TResult> Begin(CancellationToken cancellationToken, bool movesToLoop = false)
    {
        IsPending = true;
        _isReady = false;
        _movesToLoop = movesToLoop;
        if (cancellationToken.CanBeCanceled)
        {
            _token = cancellationToken;
            _registration = cancellationToken.UnsafeRegister(static wait => ((LoopWait<TResult>)wait!).SignalAndContinue(), this);
        }
        return new ValueTask<TResult>(this, _version);
    }

    /// <summary>The outcome is there.</summary>
    /// <returns>Whether <see cref="Continue"/> has to be called, once the lock is let go.</returns>
    public bool Signal()
    {
        if (!IsPending || _isReady)
            return false;
        _isReady = true;
        return _continuation is not null;
    }

    /// <summary>Has the wait, or the next if there is none, end as cancelled; on any thread.</summary>
    public void Cancel() => SignalAndContinue(cancels: true);

    TResult IValueTaskSource<TResult>.GetResult(short token)
    {
        var registration = default(CancellationTokenRegistration);
        try
        {
            lock (Lock)
            {
                Check(token);
                if (!_isReady)
                    throw new InvalidOperationException("The read, or flush, has not ended. Await it.");
                IsPending = _isReady = _movesToLoop = false;
                _version++;
                (registration, _registration) = (_registration, default);
                var canceled = _token;
                _token = default;
                if (canceled.IsCancellationRequested && !IsCancelRequested && !owner.HasOutcome)
                    throw new OperationCanceledException(canceled);
                return Take();
            }
        }
        finally
        {
            registration.Dispose(); // not inside the lock: it may wait for the callback, which takes it
        }
    }

    ValueTaskSourceStatus IValueTaskSource<TResult>.GetStatus(short token)
    {
        Check(token);
        // Who is to come to the loop does so by waiting, also if the outcome is there by now.
        return _isReady && !(_movesToLoop && !connection.Loop.IsOnThread) ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;
    }

    void IValueTaskSource<TResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        bool goesOn;
        lock (Lock)
        {
            Check(token);
            Keep(continuation, state, flags);
            goesOn = _isReady;
        }
        if (goesOn)
            Continue(inline: false);
    }

    private void SignalAndContinue(bool cancels = false)
    {
        bool goesOn;
        lock (Lock)
        {
            if (cancels) // written only then, as in Take, which may go without the lock
                IsCancelRequested = true;
            goesOn = Signal(); // under the same lock: the next wait is none of this request's
        }
        if (goesOn)
            Continue(inline: false);
    }

    private void Check(short version)
    {
        if (version != _version)
            throw new InvalidOperationException("This wait has ended: a ValueTask is awaited once.");
    }
}
