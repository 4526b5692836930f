using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

// Where a task meets .NET's own asynchronous code: its token, and what that code waits for on the task's behalf.
public abstract partial class AsyncioTask
{
    /// <summary>
    /// The token for calls into .NET. A fresh one is given out after a cancellation was delivered, so that clean-up code
    /// can make such calls too.
    /// </summary>
    internal CancellationToken Token
    {
        get
        {
            var source = Extras.Cancellation;
            if (source is null)
            {
                Extras.Cancellation = source = new CancellationTokenSource();
                if ((Flags & (FutureFlags.MustCancel | FutureFlags.InCanceledScope)) != 0)
                {
                    CancelToken();
                    if (WaitingOn is ForeignWait wait)
                        wait.CancelUndelivered = false;
                }
            }
            return source.Token;
        }
    }

    internal void AddForeignCall(Future future)
    {
        (Extras.ForeignCalls ??= []).Add(future);
        if (WaitingOn is ForeignWait wait
            && (wait.CancelUndelivered || (Flags & FutureFlags.InCanceledScope) != 0)
            && future.Cancel(_extras!.CancelMessage))
        {
            wait.CancelUndelivered = false;
        }
    }

    internal void RemoveForeignCall(Future future) => _extras?.ForeignCalls?.Remove(future);

    /// <summary>The task waits in foreign code: everything of ours that this code waits for is cancelled.</summary>
    /// <returns>Whether the foreign code was told by that, or by the token if it has asked for that.</returns>
    internal bool CancelForeignCalls(string? message)
    {
        var told = _extras?.Cancellation is not null;
        if (_extras?.ForeignCalls is not { Count: > 0 } calls)
            return told;
        foreach (var call in calls.ToArray())
            told |= call.Cancel(message);
        return told;
    }

    private void CancelToken()
    {
        if (_extras?.Cancellation is not { IsCancellationRequested: false } source)
            return;
        _extras.CanceledToken = source.Token;
        try
        {
            source.Cancel();
        }
        catch (AggregateException e)
        {
            Loop.CallExceptionHandler(new ExceptionContext("A callback of the task's cancellation token failed.")
            {
                Exception = e.InnerExceptions.Count == 1 ? e.InnerExceptions[0] : e,
                Future = this,
            });
        }
    }

    /// <summary>What was asked for is settled: calls that are made from now on get a token that is not cancelled.</summary>
    private void RenewToken()
    {
        if (CancelRequests == 0 && _extras?.Cancellation is { IsCancellationRequested: true })
            _extras.Cancellation = null;
    }

    /// <summary>A cancellation reaches the coroutine: what it calls from now on gets a token of its own.</summary>
    private void CancellationDelivered()
    {
        if (_extras?.Cancellation is not { } source)
            return;
        if (!source.IsCancellationRequested)
            CancelToken(); // someone cancelled what the task waits for, not the task; for its calls that is the same
        source.Dispose();
        _extras.Cancellation = null;
    }

    private void ResumeFromForeignWait(ForeignWait wait)
    {
        Flags &= ~(FutureFlags.ForeignWait | FutureFlags.MustCancelAgain);
        if (wait.CancelRequested)
        {
            // Whether the foreign code has answered the request by ending as cancelled decides whether it is still open.
            if (wait.EndedCanceled())
                Flags &= ~FutureFlags.MustCancel;
            CancellationDelivered();
        }
        wait.Recycle();
        Step(Frame);
    }

    /// <summary>
    /// Whether an <see cref="OperationCanceledException"/> of .NET is this task's cancellation: one was asked for, or the
    /// exception carries the task's token. Any other, such as the timeout of an HTTP client, is a failure and stays one.
    /// </summary>
    private bool IsOwnCancellation(OperationCanceledException exception) =>
        CancelRequests > 0
        || (exception.CancellationToken.CanBeCanceled && _extras is not null && exception.CancellationToken == _extras.CanceledToken);

    private void DropExtras()
    {
        _extras!.Cancellation?.Dispose();
        _extras.Cancellation = null;
        _extras.Failure = null;
    }
}
