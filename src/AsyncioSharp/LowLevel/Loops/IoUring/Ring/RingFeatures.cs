namespace AsyncioSharp.LowLevel;

/// <summary>What the kernel says of itself when it makes a ring.</summary>
[Flags]
internal enum RingFeatures : uint
{
    None = 0,

    /// <summary>Both queues are one mapping.</summary>
    SingleMapping = 1 << 0,

    /// <summary>Completions for which there is no room are kept.</summary>
    NoDrop = 1 << 1,

    /// <summary>Waiting can be given a time.</summary>
    ExtendedArgument = 1 << 8,

    /// <summary>All that is not to be missed.</summary>
    Needed = SingleMapping | NoDrop | ExtendedArgument,
}
