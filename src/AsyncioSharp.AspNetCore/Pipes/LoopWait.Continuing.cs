using System.Threading.Tasks.Sources;

namespace AsyncioSharp.AspNetCore;

// Where it goes on.
internal sealed partial class LoopWait<TResult>
{
    private static readonly SendOrPostCallback s_go = static wait => ((LoopWait<TResult>)wait!).Go();

    private Action<object?>? _continuation;
    private object? _state;
    private ExecutionContext? _executionContext;
    private SynchronizationContext? _synchronization;
    private bool _onLoop;
    private bool _movesToLoop;
    private Action<object?>? _going;
    private object? _goingState;

    /// <summary>Goes on, without the lock.</summary>
    /// <param name="inline">Whether it can be at once, if that is on this thread.</param>
    public void Continue(bool inline)
    {
        var (continuation, state, synchronization) = (_continuation!, _state, _synchronization);
        if (_executionContext is { } context)
            continuation = Flowing(continuation, context);
        var onLoop = _onLoop;
        (_continuation, _state, _executionContext, _synchronization) = (null, null, null, null);
        if (synchronization is not null)
            Post(synchronization, continuation, state, inline);
        else if (!onLoop)
            ThreadPool.UnsafeQueueUserWorkItem(continuation, state, preferLocal: true);
        else if (inline && connection.Loop.IsOnThread)
            connection.RunPlain(continuation, state);
        else
            PostToLoop(continuation, state);
    }

    private void Keep(Action<object?> continuation, object? state, ValueTaskSourceOnCompletedFlags flags)
    {
        if (_continuation is not null)
            throw new InvalidOperationException("A pipe is read, or flushed, by one at a time.");
        _continuation = continuation;
        _state = state;
        _onLoop = connection.Loop.IsOnThread || _movesToLoop;
        if ((flags & ValueTaskSourceOnCompletedFlags.FlowExecutionContext) != 0)
            _executionContext = ExecutionContext.Capture();
        if ((flags & ValueTaskSourceOnCompletedFlags.UseSchedulingContext) != 0
            && SynchronizationContext.Current is { } current && current.GetType() != typeof(SynchronizationContext))
        {
            _synchronization = current;
        }
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

    // These are methods of their own so that the usual way makes no closure.
    private void PostToLoop(Action<object?> continuation, object? state)
    {
        connection.TryPostAlways(() => connection.RunPlain(continuation, state), otherwise: RunElsewhere);

        void RunElsewhere() => ThreadPool.UnsafeQueueUserWorkItem(continuation, state, preferLocal: true);
    }

    private static Action<object?> Flowing(Action<object?> continuation, ExecutionContext context) =>
        state => ExecutionContext.Run(context, continuation.Invoke, state);
}
