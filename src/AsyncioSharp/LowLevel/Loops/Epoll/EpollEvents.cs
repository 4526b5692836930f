namespace AsyncioSharp.LowLevel;

/// <summary>What epoll is asked for, and what it tells.</summary>
[Flags]
internal enum EpollEvents : uint
{
    None = 0,
    Readable = 0x001,
    Urgent = 0x002,
    Writable = 0x004,
    Error = 0x008,
    HungUp = 0x010,
    PeerHungUp = 0x2000,
    EdgeTriggered = 1u << 31,

    /// <summary>There is more to come than data: reading goes on until the end or an error shows.</summary>
    Ending = Error | HungUp | PeerHungUp,

    /// <summary>
    /// Everything of a connection, told once at each change, so that one call when it begins is all that epoll costs
    /// besides waiting.
    /// </summary>
    Connection = Readable | Urgent | Writable | PeerHungUp | EdgeTriggered,
}
