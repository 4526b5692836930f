namespace AsyncioSharp.LowLevel;

/// <summary>
/// The tasks of one loop that wait in a line: a <see cref="WaiterQueue"/> that belongs to the first loop whose task joins it.
/// </summary>
internal struct WaitingLine
{
    private WaiterQueue _tasks;
    private EventLoop? _loop;

    /// <summary>How many tasks wait and were not yet woken.</summary>
    public readonly int Count => _tasks.Count;

    public readonly bool IsEmpty => _tasks.First is null;

    /// <summary>The task that has waited longest; null if none waits.</summary>
    public readonly AsyncioTask? First => _tasks.First;

    /// <exception cref="InvalidOperationException">Tasks of another loop have waited here.</exception>
    public void Join(AsyncioTask task)
    {
        Bind(task.Loop);
        _tasks.Enqueue(task);
    }

    /// <summary>From now on only tasks of this loop can wait here.</summary>
    /// <exception cref="InvalidOperationException">Tasks of another loop have waited here.</exception>
    public void Bind(EventLoop loop)
    {
        _loop ??= loop;
        if (!ReferenceEquals(_loop, loop))
        {
            throw new InvalidOperationException(
                "This is bound to another event loop, on which a task has waited for it before. Make one for each loop.");
        }
    }

    /// <summary>In debug mode: complains if its loop runs on another thread than this. To be called before anything is changed.</summary>
    public readonly void CheckThread() => _loop?.CheckThread();

    public void Leave(AsyncioTask task) => _tasks.Remove(task);

    /// <summary>Takes out the task that has waited longest, to be woken here and now.</summary>
    /// <returns>The task; null if none waits.</returns>
    public AsyncioTask? Next()
    {
        if (_tasks.First is not { } task)
            return null;
        CheckThread();
        _tasks.Remove(task);
        return task;
    }
}
