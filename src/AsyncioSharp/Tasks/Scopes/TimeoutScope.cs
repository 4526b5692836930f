using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// The inside of <see cref="Asyncio.Timeout(TimeSpan?, Func{TimeoutScope, Coroutine})"/> (<c>asyncio.Timeout</c>): its
/// deadline, which can be moved.
/// </summary>
public sealed class TimeoutScope
{
    private enum State
    {
        Created,
        Entered,
        Expiring,
        Expired,
        Exited,
    }

    private TimeSpan? _delay; // as long as nobody has moved the deadline
    private State _state;
    private AsyncioTask _task = null!;
    private TimerHandle _timer;
    private Handle _atOnce;
    private int _cancelRequestsBefore;
    private CancelScope? _shield;

    internal TimeoutScope(TimeSpan? when, TimeSpan? delay)
    {
        When = when;
        _delay = delay;
    }

    /// <summary>The deadline on the clock of <see cref="EventLoop.Time"/>; null if there is none (<c>Timeout.when()</c>).</summary>
    public TimeSpan? When { get; private set; }

    /// <summary>Whether the deadline has come while the body ran (<c>Timeout.expired()</c>).</summary>
    public bool IsExpired => _state is State.Expiring or State.Expired;

    /// <summary>Moves the deadline (<c>Timeout.reschedule()</c>).</summary>
    /// <param name="when">The new one, on the clock of <see cref="EventLoop.Time"/>; null for none.</param>
    /// <exception cref="InvalidOperationException">The deadline has come, or the body has ended.</exception>
    public void Reschedule(TimeSpan? when)
    {
        if (_state != State.Entered)
        {
            throw new InvalidOperationException(_state switch
            {
                State.Created => "The timeout has not been entered: its deadline can be moved from inside its body only.",
                State.Exited => "The timeout has finished: its body has ended.",
                _ => "The timeout has expired already: its deadline cannot be moved any more.",
            });
        }
        _task.Loop.CheckThread();
        _delay = null;
        SetDeadline(when);
    }

    private void SetDeadline(TimeSpan? when)
    {
        When = when;
        CancelTimer();
        if (when is not { } deadline)
            return;
        if (deadline <= _task.Loop.Time)
            _atOnce = _task.Loop.CallSoon(static scope => scope.Expire(), this);
        else
            _timer = _task.Loop.CallAt(deadline, static scope => scope.Expire(), this);
    }

    internal void Enter()
    {
        _task = EventLoop.RunningTask;
        _shield = _task.Shield;
        _state = State.Entered;
        // A request that was made before but is delivered in here counts as one from outside: CPython takes it for settled
        // and loses it if the deadline comes before the delivery.
        _cancelRequestsBefore = _task.CancelRequests - (_task.HasPendingCancel ? 1 : 0);
        if (When is null && _delay is { } delay)
            When = TimeSpan.FromTicks(_task.Loop.Deadline(delay));
        SetDeadline(When);
    }

    /// <summary>The body has returned.</summary>
    internal void Exit()
    {
        CancelTimer();
        if (_state == State.Expiring)
        {
            // It swallowed the cancellation, or ended while that was under way; the request is settled either way.
            _state = State.Expired;
            _task.Uncancel();
        }
        else
        {
            _state = State.Exited;
        }
    }

    /// <summary>The body has thrown.</summary>
    /// <returns>Whether that is this timeout's own cancellation, so that a <see cref="TimeoutException"/> is to replace it.</returns>
    internal bool ExitWith(Exception exception)
    {
        var expiring = _state == State.Expiring;
        CancelTimer();
        _state = expiring ? State.Expired : State.Exited;
        // A request from outside that came as well wins: then more requests are left than there were at the start.
        return expiring && _task.Uncancel() <= _cancelRequestsBefore && exception is OperationCanceledException;
    }

    internal TimeoutException MakeException(Exception inner) => new(
        _delay is { } delay
            ? $"The operation did not end within {delay.TotalSeconds:0.###} s."
            : "The operation did not end before its deadline.",
        inner);

    private void Expire()
    {
        _state = State.Expiring;
        _task.CancelFromInside(_shield);
    }

    private void CancelTimer()
    {
        _timer.Cancel();
        _atOnce.Cancel();
    }
}
