namespace AsyncioSharp.AspNetCore.Tests;

/// <summary>Starts no task at once, and cancels those that were to, before they have begun.</summary>
internal sealed class CancelingFactory : AsyncioTaskFactory
{
    private volatile bool _isOver;

    /// <summary>The name of those that it leaves alone.</summary>
    public string? Spares { get; init; }

    /// <summary>From now on it cancels none.</summary>
    public void StopCanceling() => _isOver = true;

    public override AsyncioTask CreateTask(EventLoop loop, Coroutine coroutine, TaskRequest request)
    {
        var task = loop.MakeTask(coroutine, request with { EagerStart = false });
        if (!_isOver && request.EagerStart is true && request.Name != Spares)
            task.Cancel();
        return task;
    }
}
