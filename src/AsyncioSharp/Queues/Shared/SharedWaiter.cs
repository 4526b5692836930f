using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// Somebody who waits for one side of a <see cref="SharedQueue{T}"/>. Granted, it has an item or a place that nobody else can take,
/// but which is still in the queue: so a wait that is given up loses nothing. It is another matter if it only looks (<see cref="Looks"/>).
/// </summary>
internal abstract class SharedWaiter(SharedSide side) : InboxItem
{
    internal SharedWaiter? Previous;
    internal SharedWaiter? Following;
    internal SharedWaiterState State;

    public SharedSide Side => side;

    /// <summary>Whether it only waits until something is free, of which nothing is kept for it: whoever looks again is not to hand to and fro
    /// what another one who looks could take.</summary>
    public bool Looks { get; init; }

    /// <summary>It was granted or refused. Called on any thread, without the queue's lock.</summary>
    /// <returns>False if nobody is there any more to go on.</returns>
    internal abstract bool TryWake();
}
