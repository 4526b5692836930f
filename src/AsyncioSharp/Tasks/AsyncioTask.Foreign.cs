using AsyncioSharp.CompilerServices;

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
                    {
                        wait.CancelUndelivered = false;
                        // Who asks is told by the token that it gets.
                        if (wait.Request > 0 && System.Threading.SynchronizationContext.Current is TaskSynchronizationContext here
                            && here.Task == this)
                        {
                            System.Threading.SynchronizationContext.SetSynchronizationContext(ContextTold(wait.Request));
                        }
                    }
                }
            }
            return source.Token;
        }
    }

    internal void AddForeignCall(IForeignCall call)
    {
        if (IsCompleted)
        {
            call.TaskEnded();
            return;
        }
        (Extras.ForeignCalls ??= []).Add(call);
        if (WaitingOn is not ForeignWait wait)
            return;
        var untold = call.Context is { } context ? context.Told < wait.Request : wait.CancelUndelivered;
        if ((untold || (Flags & FutureFlags.InCanceledScope) != 0) && call.Awaited.Cancel(_extras!.CancelMessage))
        {
            wait.CancelUndelivered = false;
            call.Tell(wait.Request);
        }
    }

    internal void RemoveForeignCall(IForeignCall call) => _extras?.ForeignCalls?.Remove(call);

    /// <summary>The loop has closed: nothing that foreign code waits for on the task's behalf comes any more.</summary>
    internal void DropForeignCalls()
    {
        foreach (var call in _extras?.ForeignCalls?.ToArray() ?? [])
            call.Dropped();
    }

    /// <summary>The context of this task's code that was told of a request to cancel.</summary>
    internal TaskSynchronizationContext ContextTold(int request) =>
        Extras.ToldContext is { } context && context.Told == request
            ? context
            : Extras.ToldContext = new TaskSynchronizationContext(Loop, this, request);

    /// <summary>The task waits in foreign code: everything of ours that this code waits for is cancelled.</summary>
    /// <returns>
    /// Whether nobody was told by that, or by the token if it was asked for; and the number of the request, of which those methods
    /// are to be told that were not, or 0 if the token has told: of whom is not known.
    /// </returns>
    internal (bool Undelivered, int Request) CancelForeignCalls(string? message)
    {
        var byToken = _extras?.Cancellation is not null;
        var told = byToken;
        var request = ++Extras.ForeignRequests;
        foreach (var call in _extras!.ForeignCalls?.ToArray() ?? [])
        {
            if (!call.Awaited.Cancel(message))
                continue;
            call.Tell(request);
            told = true;
        }
        return (!told, byToken ? 0 : request);
    }

    /// <summary>
    /// The wait for .NET's code that was asked to cancel and has not answered; null if there is none, or if that code waits for
    /// something of ours, as clean-up does.
    /// </summary>
    internal ForeignWait? UnansweredWait =>
        WaitingOn is ForeignWait { CancelRequested: true } wait && !IsScheduled && _extras?.ForeignCalls is not { Count: > 0 } ? wait : null;

    private void CancelToken()
    {
        if (_extras?.Cancellation is not { IsCancellationRequested: false } source)
            return;
        _extras.CanceledToken = source.Token;
        // Its callbacks are the program's: a request that they make has not gone round in a circle.
        var passing = Loop.PassingCancelOn;
        var count = passing.Count;
        for (var i = 0; i < count; i++)
            passing[i].Flags &= ~FutureFlags.PassingCancelOn;
        source.CancelOrReport(this, "A callback of the task's cancellation token failed.");
        for (var i = 0; i < count; i++)
            passing[i].Flags |= FutureFlags.PassingCancelOn;
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
        _extras.ForeignCalls?.ForEach(static call => call.TaskEnded());
        _extras.ForeignCalls = null;
        EndActivity();
    }
}
