namespace AsyncioSharp;

/// <summary>One side of a queue that threads share: who waits there, and how much is kept for those whose turn has come.</summary>
internal sealed class SharedSide(ISharedQueue queue)
{
    private SharedLine _line;
    private SharedLine _lookers;

    public ISharedQueue Queue => queue;

    /// <summary>How many items or places are kept.</summary>
    public int Kept { get; set; }

    /// <summary>How many wait.</summary>
    public int Count => _line.Count + _lookers.Count;

    public void Join(SharedWaiter waiter) => LineOf(waiter).Join(waiter);

    public void Leave(SharedWaiter waiter) => LineOf(waiter).Leave(waiter);

    /// <summary>Something is free: keeps it for the one who has waited longest, or tells all who only look for it.</summary>
    /// <returns>Who is to be woken, one behind the other; null if nobody waits.</returns>
    public SharedWaiter? GrantFirst()
    {
        if (_line.First is not { } waiter)
            return _lookers.TakeAll(SharedWaiterState.Granted);
        _line.Leave(waiter);
        Grant(waiter);
        return waiter;
    }

    public void Grant(SharedWaiter waiter)
    {
        waiter.State = SharedWaiterState.Granted;
        if (!waiter.Looks)
            Kept++;
    }

    /// <summary>Tells everybody that there will be nothing.</summary>
    /// <returns>Who is to be woken, one behind the other.</returns>
    public SharedWaiter? RefuseAll()
    {
        for (var waiter = _lookers.First; waiter is not null; waiter = _lookers.First)
        {
            _lookers.Leave(waiter);
            _line.Join(waiter);
        }
        return _line.TakeAll(SharedWaiterState.Refused);
    }

    private ref SharedLine LineOf(SharedWaiter waiter) => ref waiter.Looks ? ref _lookers : ref _line;
}
