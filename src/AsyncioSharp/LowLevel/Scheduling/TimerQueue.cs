namespace AsyncioSharp.LowLevel;

/// <summary>
/// What is to run at a time, by deadline, and first armed first where deadlines are equal. Timers that come in the order
/// of their deadlines stand in a run, the others in a heap; either can be cancelled and is gone at once.
/// </summary>
internal sealed class TimerQueue
{
    private readonly TimerRun _run = new();
    private readonly TimerHeap _heap = new();
    private int _order;

    public bool IsEmpty => _run.IsEmpty && _heap.IsEmpty;

    public int Count => _run.Count + _heap.Count;

    /// <summary>The earliest deadline in ticks of 100 ns; only if there is one.</summary>
    public long NextDeadline => _run.IsEmpty ? _heap.FirstDeadline
        : _heap.IsEmpty ? _run.FirstDeadline
        : Math.Min(_run.FirstDeadline, _heap.FirstDeadline);

    public void Add(Runnable item, long deadline)
    {
        item.TimerOrder = _order++;
        if (_run.Fits(deadline))
            _run.Add(item, deadline);
        else
            _heap.Add(item, deadline);
    }

    /// <summary>Takes an item out before its time; false if it is not here.</summary>
    public bool Remove(Runnable item)
    {
        if (item.TimerIndex == 0)
            return false;
        if (item.TimerIndex < 0)
            _run.Remove(item);
        else
            _heap.Remove(item);
        item.TimerIndex = 0;
        return true;
    }

    /// <summary>The deadline of an item; null if it is not here.</summary>
    public long? DeadlineOf(Runnable item) => item.TimerIndex switch
    {
        0 => null,
        < 0 => _run.DeadlineOf(item),
        _ => _heap.DeadlineOf(item),
    };

    /// <summary>Takes the item with the earliest deadline out.</summary>
    public Runnable RemoveFirst()
    {
        var item = IsRunFirst() ? _run.RemoveFirst() : _heap.RemoveFirst();
        item.TimerIndex = 0;
        return item;
    }

    public void Clear()
    {
        _run.Clear();
        _heap.Clear();
    }

    private bool IsRunFirst()
    {
        if (_run.IsEmpty || _heap.IsEmpty)
            return !_run.IsEmpty;
        var (run, heap) = (_run.FirstDeadline, _heap.FirstDeadline);
        return run < heap || (run == heap && _run.FirstItem.TimerOrder - _heap.FirstItem.TimerOrder < 0);
    }
}
