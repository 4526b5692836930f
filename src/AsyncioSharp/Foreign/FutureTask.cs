using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>Completes a .NET task as a future completes.</summary>
internal sealed class FutureTask<T> : InboxItem
{
    private readonly TaskCompletionSource<T> _source;
    private readonly Future _future;
    private readonly Func<Future, T> _result;

    private FutureTask(Future future, Func<Future, T> result)
    {
        _source = new(this, TaskCreationOptions.RunContinuationsAsynchronously); // whoever holds the task holds this
        _future = future;
        _result = result;
    }

    public static Task<T> Of(Future future, Func<Future, T> result)
    {
        future.Loop.CheckThread();
        var task = new FutureTask<T>(future, result);
        if (future.IsCompleted)
            task.Run();
        else if (future.Loop.IsClosed)
            task.Dropped(); // the loop tells nobody any more
        else
            task.Await();
        return task._source.Task;
    }

    /// <summary>The loop closed before the future could complete, or before this could be told.</summary>
    internal override void Dropped()
    {
        if (_future.IsCompleted)
            Run();
        else
            _source.TrySetException(new ObjectDisposedException(nameof(EventLoop), $"The event loop was closed before {_future} had completed."));
    }

    internal override void Run()
    {
        _future.Loop.DoNotTellOfClosing(this);
        if (_future.IsCanceled)
            _source.SetCanceled();
        else if (_future.Exception is { } failure)
            _source.SetException(failure);
        else
            _source.SetResult(_result(_future));
    }

    private void Await()
    {
        _future.AddCallback(this);
        // A loop that closes knows its tasks, but not its futures.
        if (_future is not AsyncioTask)
            _future.Loop.TellOfClosing(this);
    }
}
