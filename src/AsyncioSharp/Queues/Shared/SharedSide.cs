namespace AsyncioSharp;

/// <summary>One side of a queue that threads share: who waits there, and how much is kept for those whose turn has come.</summary>
internal sealed class SharedSide(ISharedQueue queue)
{
    private SharedWaiter? _first;
    private SharedWaiter? _last;

    public ISharedQueue Queue => queue;

    /// <summary>How many items or places are kept.</summary>
    public int Kept { get; set; }

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    public void Join(SharedWaiter waiter)
    {
        waiter.State = SharedWaiterState.Queued;
        waiter.Previous = _last;
        if (_last is null)
            _first = waiter;
        else
            _last.Following = waiter;
        _last = waiter;
        Count++;
    }

    public void Leave(SharedWaiter waiter)
    {
        if (waiter.Previous is null)
            _first = waiter.Following;
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

    /// <summary>Keeps something for the one who has waited longest.</summary>
    /// <returns>Who is to be woken; null if nobody waits.</returns>
    public SharedWaiter? GrantFirst()
    {
        if (_first is not { } waiter)
            return null;
        Leave(waiter);
        Grant(waiter);
        return waiter;
    }

    public void Grant(SharedWaiter waiter)
    {
        Kept++;
        waiter.State = SharedWaiterState.Granted;
    }

    /// <summary>Tells everybody that there will be nothing.</summary>
    /// <returns>Who is to be woken, one behind the other.</returns>
    public SharedWaiter? RefuseAll()
    {
        var all = _first;
        for (var waiter = all; waiter is not null; waiter = waiter.Following)
            waiter.State = SharedWaiterState.Refused;
        _first = _last = null;
        Count = 0;
        return all;
    }
}
