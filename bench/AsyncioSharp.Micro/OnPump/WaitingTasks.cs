namespace AsyncioSharp.Micro.OnPump;

/// <summary>Tasks that wait for what never comes, each with a token.</summary>
internal sealed class WaitingTasks(int count)
{
    private readonly Task[] _tasks = new Task[count];
    private readonly CancellationTokenSource[] _cancellations = new CancellationTokenSource[count];

    public void StartAsleep(int depth)
    {
        for (var i = 0; i < _tasks.Length; i++)
            _tasks[i] = DelayBelow(depth, (_cancellations[i] = new()).Token);
    }

    public void StartAtSources(int depth)
    {
        for (var i = 0; i < _tasks.Length; i++)
            _tasks[i] = AwaitBelow(depth, new TaskCompletionSource<int>(), (_cancellations[i] = new()).Token);
    }

    /// <summary>Cancels them all, and lets the pump turn until they have ended.</summary>
    public async Task Cancel()
    {
        foreach (var cancellation in _cancellations)
            cancellation.Cancel();
        while (!_tasks[^1].IsCompleted)
            await Task.Yield();
    }

    public void CheckCanceled()
    {
        if (!Array.TrueForAll(_tasks, task => task.IsCanceled))
            throw new InvalidOperationException("A task was not cancelled.");
        foreach (var cancellation in _cancellations)
            cancellation.Dispose();
    }

    private static async Task DelayBelow(int depth, CancellationToken cancellationToken)
    {
        if (depth > 0)
            await DelayBelow(depth - 1, cancellationToken);
        else
            await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    private static async Task<int> AwaitBelow(int depth, TaskCompletionSource<int> source, CancellationToken cancellationToken) =>
        depth > 0 ? await AwaitBelow(depth - 1, source, cancellationToken) : await source.Task.WaitAsync(cancellationToken);
}
