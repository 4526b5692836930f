namespace AsyncioSharp;

/// <summary>A line of those who wait for a queue that threads share.</summary>
internal struct SharedLine
{
    public SharedWaiter? First { get; private set; }

    /// <summary>How many stand in it.</summary>
    public int Count { get; private set; }

    private SharedWaiter? _last;

    public void Join(SharedWaiter waiter)
    {
        waiter.State = SharedWaiterState.Queued;
        waiter.Previous = _last;
        if (_last is null)
            First = waiter;
        else
            _last.Following = waiter;
        _last = waiter;
        Count++;
    }

    public void Leave(SharedWaiter waiter)
    {
        if (waiter.Previous is null)
            First = waiter.Following;
        else
            waiter.Previous.Following = waiter.Following;
        if (waiter.Following is null)
            _last = waiter.Previous;
        else
            waiter.Following.Previous = waiter.Previous;
        waiter.Previous = waiter.Following = null;
        waiter.State = SharedWaiterState.None;
        Count--;
    }

    /// <summary>Takes all of them out of line.</summary>
    /// <param name="state">What has become of them.</param>
    /// <returns>Who is to be woken, one behind the other.</returns>
    public SharedWaiter? TakeAll(SharedWaiterState state)
    {
        var all = First;
        for (var waiter = all; waiter is not null; waiter = waiter.Following)
            waiter.State = state;
        this = default;
        return all;
    }
}
