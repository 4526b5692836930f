namespace AsyncioSharp.CompilerServices;

/// <summary>A <see cref="BoxPool{TBox}"/> of whatever kind.</summary>
internal abstract class BoxPool
{
    /// <summary>While it is at hand, the next of its loop's that is.</summary>
    public BoxPool? Next;

    /// <summary>It is at hand no more.</summary>
    public abstract void PutAway();
}
