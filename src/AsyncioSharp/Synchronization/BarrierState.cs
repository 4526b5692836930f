namespace AsyncioSharp;

/// <summary>What goes on at an <see cref="AsyncBarrier"/>.</summary>
internal enum BarrierState : byte
{
    /// <summary>Tasks come and wait for the others.</summary>
    Filling,

    /// <summary>All have come and leave; who comes now waits until they are gone.</summary>
    Draining,

    /// <summary>Those who waited leave with an exception; who comes now waits until they are gone.</summary>
    Resetting,

    /// <summary>Everybody gets an exception.</summary>
    Broken,
}
