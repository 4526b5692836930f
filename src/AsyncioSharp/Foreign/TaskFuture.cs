using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>Completes a future as a .NET task completes.</summary>
internal sealed class TaskFuture<T> : InboxItem
{
    private readonly Task _task;
    private readonly Func<Task, T> _result;
    private readonly CancelableFuture _future;

    private TaskFuture(Task task, Func<Task, T> result)
    {
        _task = task;
        _result = result;
        _future = new CancelableFuture(EventLoop.Running);
    }

    public static Future<T> Of(Task task, Func<Task, T> result)
    {
        var bridge = new TaskFuture<T>(task, result);
        if (task.IsCompleted)
        {
            bridge.Run();
        }
        else
        {
            task.ContinueWith(static (_, bridge) => ((TaskFuture<T>)bridge!).Completed(), bridge,
                bridge._future.BeginWaiting(), TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        return bridge._future;
    }

    internal override void Run()
    {
        if (_future.IsCompleted)
            return; // cancelled; a failure is not looked at, so that .NET can still report it as unobserved
        if (_task.IsCanceled)
            _future.Cancel();
        else if (_task.Exception is { } failure)
            _future.TrySetException(failure.InnerExceptions.Count == 1 ? failure.InnerException! : failure);
        else
            _future.TrySetResult(_result(_task));
    }

    private void Completed()
    {
        if (_future.Loop.IsOnThread)
            _future.Loop.Ready.Enqueue(this);
        else
            _future.Loop.PostOrDrop(this);
    }

    // Cancelled, it takes its continuation back from the task, which may go on for as long as the program.
    private sealed class CancelableFuture(EventLoop loop) : Future<T>(loop)
    {
        private CancellationTokenSource? _waiting;

        public CancellationToken BeginWaiting() => (_waiting = new CancellationTokenSource()).Token;

        public override bool Cancel(string? message = null)
        {
            if (!base.Cancel(message))
                return false;
            _waiting?.Cancel();
            return true;
        }
    }
}
