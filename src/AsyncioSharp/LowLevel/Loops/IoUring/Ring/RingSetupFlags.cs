namespace AsyncioSharp.LowLevel;

/// <summary>What a ring is to be like.</summary>
[Flags]
internal enum RingSetupFlags : uint
{
    None = 0,

    /// <summary>The length of the completion queue is given.</summary>
    CompletionQueueSize = 1 << 3,

    /// <summary>Lengths that are too large are cut.</summary>
    Clamp = 1 << 4,

    /// <summary>Nothing can be submitted until it is enabled, by the thread that will.</summary>
    Disabled = 1 << 6,

    /// <summary>A submission that is refused does not keep back those behind it.</summary>
    SubmitAll = 1 << 7,

    /// <summary>The thread is not interrupted when there is work to do for its operations (since 5.19).</summary>
    CooperativeTaskRun = 1 << 8,

    /// <summary>A flag in memory tells that there is such work.</summary>
    TaskRunFlag = 1 << 9,

    /// <summary>One thread alone submits (since 6.0).</summary>
    SingleIssuer = 1 << 12,

    /// <summary>Such work waits until completions are asked for (since 6.1).</summary>
    DeferTaskRun = 1 << 13,

    /// <summary>Submissions are taken in the order in which they lie (since 6.6).</summary>
    NoSubmissionArray = 1 << 16,
}
