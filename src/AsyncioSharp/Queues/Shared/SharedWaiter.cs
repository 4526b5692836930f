using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// Somebody who waits for one side of a <see cref="SharedQueue{T}"/>. Granted, it has an item or a place that nobody else can take,
/// but which is still in the queue: so a wait that is given up loses nothing.
/// </summary>
internal abstract class SharedWaiter(SharedSide side) : InboxItem
{
    internal SharedWaiter? Previous;
    internal SharedWaiter? Following;
    internal SharedWaiterState State;

    public SharedSide Side => side;

    /// <summary>It was granted or refused. Called on any thread, without the queue's lock.</summary>
    /// <returns>False if nobody is there any more to go on.</returns>
    internal abstract bool TryWake();
}
