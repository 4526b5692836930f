namespace AsyncioSharp.Stress.Nodes;

/// <summary>What a group does otherwise than asyncio's.</summary>
internal enum GroupKind
{
    /// <summary>Nothing.</summary>
    Usual,

    /// <summary>It lets one task run at a time.</summary>
    Bounded,

    /// <summary>Its tasks fail alone.</summary>
    Supervising,
}
