using System.Threading.Tasks.Sources;

namespace AsyncioSharp.AspNetCore;

/// <summary>
/// What a pipe's read or flush waits in. Where it goes on is where it was begun: in a synchronization context, as the application is
/// while it runs on behalf of a task; on the loop without one, as Kestrel is; or on the thread pool. The owner's lock guards it.
/// </summary>
internal sealed class LoopWait(AsyncioConnection connection)
{
    private static readonly SendOrPostCallback s_go = static wait => ((LoopWait)wait!).Go();

    private Action<object?>? _continuation;
    private object? _state;
    private ExecutionContext? _executionContext;
    private SynchronizationContext? _synchronization;
    private bool _onLoop;
    private Action<object?>? _going;
    private object? _goingState;

    /// <summary>Tells one wait from the next.</summary>
    public short Version { get; private set; }

    /// <summary>Whether somebody waits, or has not taken the outcome.</summary>
    public bool IsPending { get; private set; }

    /// <summary>Whether the outcome is there.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Whether it goes on on the loop, wherever it was begun.</summary>
    public bool MovesToLoop { get; set; }

    public void Begin()
    {
        IsPending = true;
        IsReady = false;
    }

    /// <summary>The outcome is there.</summary>
    /// <returns>Whether <see cref="Continue"/> has to be called, once the lock is let go.</returns>
    public bool Signal()
    {
        if (!IsPending || IsReady)
            return false;
        IsReady = true;
        return _continuation is not null;
    }

    /// <summary>The outcome was taken.</summary>
    public void End()
    {
        IsPending = IsReady = false;
        MovesToLoop = false;
        Version++;
    }

    public ValueTaskSourceStatus GetStatus(short version)
    {
        Check(version);
        return IsReady ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;
    }

    /// <summary>Keeps a continuation.</summary>
    /// <returns>Whether <see cref="Continue"/> has to be called, as the outcome is there.</returns>
    public bool Keep(Action<object?> continuation, object? state, short version, ValueTaskSourceOnCompletedFlags flags)
    {
        Check(version);
        if (_continuation is not null)
            throw new InvalidOperationException("A pipe is read, or flushed, by one at a time.");
        _continuation = continuation;
        _state = state;
        _onLoop = connection.Loop.IsOnThread || MovesToLoop;
        if ((flags & ValueTaskSourceOnCompletedFlags.FlowExecutionContext) != 0)
            _executionContext = ExecutionContext.Capture();
        if ((flags & ValueTaskSourceOnCompletedFlags.UseSchedulingContext) != 0
            && SynchronizationContext.Current is { } current && current.GetType() != typeof(SynchronizationContext))
        {
            _synchronization = current;
        }
        return IsReady;
    }

    /// <summary>Goes on, without the lock.</summary>
    /// <param name="inline">Whether it can be at once, if that is on this thread.</param>
    public void Continue(bool inline)
    {
        var (continuation, state, context, synchronization, onLoop) = (_continuation!, _state, _executionContext, _synchronization, _onLoop);
        (_continuation, _state, _executionContext, _synchronization) = (null, null, null, null);
        if (context is not null)
        {
            var (inner, innerState) = (continuation, state);
            continuation = _ => ExecutionContext.Run(context, inner.Invoke, innerState);
        }
        if (synchronization is not null)
            Post(synchronization, continuation, state, inline);
        else if (!onLoop)
            ThreadPool.UnsafeQueueUserWorkItem(continuation, state, preferLocal: true);
        else if (inline && connection.Loop.IsOnThread)
            connection.RunPlain(continuation, state);
        else if (!connection.TryPostAlways(() => connection.RunPlain(continuation, state)))
            ThreadPool.UnsafeQueueUserWorkItem(continuation, state, preferLocal: true); // the loop is closed
    }

    private void Post(SynchronizationContext synchronization, Action<object?> continuation, object? state, bool inline)
    {
        if (inline && ReferenceEquals(synchronization, connection.OwnContext) && connection.Loop.IsOnThread)
        {
            (_going, _goingState) = (continuation, state);
            connection.Run(s_go, this);
        }
        else
        {
            synchronization.Post(continuation.Invoke, state);
        }
    }

    private void Go()
    {
        var (continuation, state) = (_going!, _goingState);
        (_going, _goingState) = (null, null);
        continuation(state);
    }

    private void Check(short version)
    {
        if (version != Version)
            throw new InvalidOperationException("This wait has ended: a ValueTask is awaited once.");
    }
}
