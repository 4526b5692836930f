namespace AsyncioSharp.LowLevel;

/// <summary>
/// A FIFO of parked tasks, linked through the tasks themselves: adding, taking and removing one allocate nothing and take
/// constant time. A task can be in one queue at a time.
/// </summary>
public struct WaiterQueue
{
    private AsyncioTask? _first;
    private AsyncioTask? _last;

    /// <summary>How many tasks wait.</summary>
    public int Count { get; private set; }

    /// <summary>The task that has waited longest; null if none waits.</summary>
    public readonly AsyncioTask? First => _first;

    /// <summary>Adds a task behind all others.</summary>
    /// <param name="task">A task that is in no queue.</param>
    public void Enqueue(AsyncioTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        task.PreviousWaiter = _last;
        if (_last is null)
            _first = task;
        else
            _last.NextWaiter = task;
        _last = task;
        Count++;
    }

    /// <summary>Takes out the task that has waited longest.</summary>
    /// <returns>The task; null if none waits.</returns>
    public AsyncioTask? Dequeue()
    {
        var task = _first;
        if (task is not null)
            Remove(task);
        return task;
    }

    /// <summary>Takes a task out, wherever it stands.</summary>
    /// <param name="task">A task in this queue.</param>
    public void Remove(AsyncioTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        var (previous, next) = (task.PreviousWaiter, task.NextWaiter);
        if (previous is null)
            _first = next;
        else
            previous.NextWaiter = next;
        if (next is null)
            _last = previous;
        else
            next.PreviousWaiter = previous;
        task.PreviousWaiter = task.NextWaiter = null;
        Count--;
    }
}
