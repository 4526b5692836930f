namespace AsyncioSharp;

/// <summary>On which processors the loops of a <see cref="LoopGroup"/> run.</summary>
public enum LoopPlacement
{
    /// <summary>Wherever the system likes.</summary>
    System,

    /// <summary>
    /// Each stays near a processor of its own, and with <see cref="ConnectionBalancing.Nearest"/> serves what the system receives there: for
    /// servers whose connections keep to a processor each, as those of network cards with several queues do, and of clients on the same machine
    /// that are kept to theirs; or whose connections follow their clients, as Kestrel's do (<see cref="LoopGroup.SuggestLoop"/>). Otherwise
    /// clients that wander from processor to processor make it worse than <see cref="System"/>. A loop is not bound: the system may move it, and
    /// it goes back as long as it lives of its own connections; one that mostly hears from other threads does not. Only for Linux's own loops
    /// (epoll, io_uring), and only if there are as many as processors that the program may use; otherwise the same as <see cref="System"/>.
    /// </summary>
    OwnProcessor,
}
