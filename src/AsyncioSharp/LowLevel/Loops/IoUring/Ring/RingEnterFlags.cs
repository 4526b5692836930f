namespace AsyncioSharp.LowLevel;

/// <summary>Flags of <c>io_uring_enter</c>.</summary>
[Flags]
internal enum RingEnterFlags : uint
{
    None = 0,

    /// <summary>Completions are wanted: what the kernel has put off is run.</summary>
    GetEvents = 1 << 0,

    /// <summary>There is a time to wait at most.</summary>
    ExtendedArgument = 1 << 3,

    /// <summary>The ring is meant by its index among the thread's registered ones.</summary>
    RegisteredRing = 1 << 4,
}
