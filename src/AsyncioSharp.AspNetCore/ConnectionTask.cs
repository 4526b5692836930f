using AsyncioSharp.LowLevel;

namespace AsyncioSharp.AspNetCore;

/// <summary>The task on whose behalf everything of a connection runs on its loop. It waits for the end of the connection, or for its
/// leaving the loop.</summary>
internal sealed class ConnectionTask
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly EventLoop _loop;
    private readonly AsyncioTask _task;

    /// <summary>Begins it; on the loop's thread.</summary>
    public ConnectionTask(EventLoop loop)
    {
        _loop = loop;
        _task = loop.CreateTask(LiveAsync(), "connection", eagerStart: true);
        Run(static task => ((ConnectionTask)task!).Context = SynchronizationContext.Current, this);
    }

    /// <summary>What code captures that runs on behalf of it.</summary>
    public SynchronizationContext? Context { get; private set; }

    /// <summary>Whether code runs on behalf of it here.</summary>
    public bool IsCurrent => _loop.IsOnThread && ReferenceEquals(Asyncio.CurrentTask, _task);

    /// <summary>Whether it was asked to cancel. It does not end by that, and what runs on behalf of it from then on is cancelled.</summary>
    public bool IsCanceled => _task.CancelRequests > 0;

    /// <summary>Runs code on behalf of it; on the thread of the connection's loop.</summary>
    public void Run(SendOrPostCallback callback, object? state)
    {
        if (_loop.IsOnThread)
            _loop.RunOnBehalfOf(_task, callback, state);
        else
            callback(state); // the connection was lost on its way to another loop
    }

    /// <summary>Cancels what runs on behalf of it; on the thread of the connection's loop.</summary>
    public void Cancel()
    {
        if (_loop.IsOnThread) // else, as above, nothing runs
            _task.Cancel("the client has gone");
    }

    /// <summary>Ends it; on any thread.</summary>
    public void End() => _done.TrySetResult();

    private async Coroutine LiveAsync() => await _done.Task;
}
