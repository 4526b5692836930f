using AsyncioSharp.CompilerServices;

namespace AsyncioSharp;

// Cancel scopes. A task inside a cancelled one carries InCanceledScope, and that counts as one request more than were made: so
// groups and timeouts inside know that the cancellation is not theirs.
public abstract partial class AsyncioTask
{
    /// <summary>The innermost cancel scope that it is in.</summary>
    internal CancelScope? Scope => _extras?.Scope;

    /// <summary>The innermost scope of its own that shields.</summary>
    internal CancelScope? Shield => _extras?.Shield;

    /// <summary>Whether a scope that it is in is cancelled, and no shield stands between.</summary>
    internal bool IsInCanceledScope => (Flags & FutureFlags.InCanceledScope) != 0;

    /// <summary>The task belongs to a group that was opened in a scope.</summary>
    internal void JoinScope(CancelScope scope)
    {
        Extras.Scope = scope;
        ScopesChanged();
    }

    internal void EnterScope(CancelScope scope)
    {
        Extras.Scope = scope;
        ScopesChanged();
        if (scope.Shield)
            EnterShield(scope);
    }

    /// <summary>Leaves the innermost scope.</summary>
    /// <returns>How many requests are left of those that could come through to its body, apart from the scope's own.</returns>
    internal int LeaveScope(CancelScope scope)
    {
        Extras.Scope = scope.Outer;
        if (!scope.Shield)
        {
            ScopesChanged();
            return CancelRequests;
        }
        if (IsInCanceledScope)
            ScopeIsLeft(); // it was this one: those outside were not seen from here
        var left = _cancelRequests;
        LeaveShield(scope);
        ScopesChanged();
        return left;
    }

    /// <summary>A scope was entered, left or cancelled: works out whether the task is in a cancelled one.</summary>
    internal void ScopesChanged()
    {
        var canceled = Scope?.NearestCanceled;
        if (IsInCanceledScope == canceled is not null || IsCompleted)
            return;
        if (canceled is null)
            ScopeIsLeft();
        else
            ScopeIsCanceled(canceled.CancelReason);
    }

    /// <summary>From here to <see cref="ResumeScopes"/> a wait that was begun anew, because it must not be given up, is not
    /// cancelled by the scopes any more: it would be for ever.</summary>
    internal void PauseScopes() => Extras.ScopePauses++;

    internal void ResumeScopes() => Extras.ScopePauses--;

    private void ScopeIsCanceled(string? reason)
    {
        Flags |= FutureFlags.InCanceledScope;
        CancelToken();
        CancelWait(reason, FutureFlags.MustCancelAgain, this);
    }

    private void ScopeIsLeft()
    {
        Flags &= ~(FutureFlags.InCanceledScope | FutureFlags.MustCancelAgain);
        RenewToken();
    }

    // Inside, the task is as if nobody had asked it to cancel: clean-up code may use groups and timeouts, which count, and call
    // into .NET, which takes a token.
    private void EnterShield(CancelScope scope)
    {
        var isPending = (Flags & FutureFlags.MustCancel) != 0;
        scope.OuterShield = Shield;
        scope.Outside = new ShieldedRequests
        {
            Count = _cancelRequests,
            IsPending = isPending,
            Message = isPending ? _extras!.CancelMessage : null,
            Token = _extras!.Cancellation,
        };
        _extras.Shield = scope;
        _extras.Cancellation = null;
        _cancelRequests = 0;
        Flags = (Flags & ~FutureFlags.MustCancel) | FutureFlags.Shielded;
    }

    private void LeaveShield(CancelScope scope)
    {
        var outside = scope.Outside;
        _extras!.Shield = scope.OuterShield;
        if (scope.OuterShield is null)
            Flags &= ~FutureFlags.Shielded;
        _cancelRequests += outside.Count;
        _extras.Cancellation = outside.Token ?? _extras.Cancellation;
        if (!outside.IsPending)
            return;
        // The next wait ends with it; if there is none, the task does.
        Flags |= FutureFlags.MustCancel;
        SetCancelMessage(outside.Message);
        CancelToken();
    }

    /// <summary>Notes a request with the outermost shield that stands between its origin and the task.</summary>
    private void HoldBack(CancelScope? origin, string? message)
    {
        var shield = Shield!;
        while (shield.OuterShield is { } outer && !ReferenceEquals(outer, origin))
            shield = outer;
        shield.Outside.Count++;
        shield.Outside.IsPending = true;
        shield.Outside.Message = message;
    }
}
