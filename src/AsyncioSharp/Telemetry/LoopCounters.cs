namespace AsyncioSharp.CompilerServices;

/// <summary>
/// What a loop counts of itself for <see cref="LoopMeter"/>. Only its own thread writes here, so that an increment is a plain
/// one; whoever reads from elsewhere gets a value that is a moment old. What other threads do for it is counted apart.
/// </summary>
internal struct LoopCounters
{
    public long TasksCreated;
    public long TasksFailed;
    public long TasksCanceled;
    public long TransportsOpened;
    public long TransportsClosed;
    public long ConnectionsAccepted;
    public long BytesReceived;
    public long BytesSent;
    public long BytesReceivedElsewhere;
    public long BytesSentElsewhere;
}
