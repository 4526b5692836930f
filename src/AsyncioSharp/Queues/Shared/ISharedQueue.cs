namespace AsyncioSharp;

/// <summary>What waiters know of a <see cref="SharedQueue{T}"/>.</summary>
internal interface ISharedQueue
{
    /// <summary>A wait is given up: what was kept for it goes to the next.</summary>
    void GiveUp(SharedWaiter waiter);

    /// <summary>A wait is given up, unless something was kept for it.</summary>
    /// <returns>False if it was granted or refused before.</returns>
    bool TryGiveUp(SharedWaiter waiter);

    /// <summary>What those on a side wait for, in words.</summary>
    string Describe(SharedSide side);
}
