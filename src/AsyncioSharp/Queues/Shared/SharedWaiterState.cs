namespace AsyncioSharp;

/// <summary>What has become of a <see cref="SharedWaiter"/>.</summary>
internal enum SharedWaiterState
{
    /// <summary>It waits in no line, or does so no more.</summary>
    None,

    /// <summary>It stands in line.</summary>
    Queued,

    /// <summary>An item or a place is kept for it, or is there if it only looks.</summary>
    Granted,

    /// <summary>There will be nothing for it any more.</summary>
    Refused,
}
