using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>Completes a future as a .NET task completes.</summary>
internal sealed class TaskFuture<T> : InboxItem
{
    private readonly Task _task;
    private readonly Func<Task, T> _result;
    private readonly Future<T> _future;

    private TaskFuture(Task task, Func<Task, T> result)
    {
        _task = task;
        _result = result;
        _future = EventLoop.Running.CreateFuture<T>();
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
                CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        return bridge._future;
    }

    internal override void Run()
    {
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
}
