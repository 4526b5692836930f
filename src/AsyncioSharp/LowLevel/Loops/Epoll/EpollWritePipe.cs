namespace AsyncioSharp.LowLevel;

/// <summary>The writing end of a pipe on an epoll loop. It notices when nobody reads any more.</summary>
internal sealed class EpollWritePipe : EpollPipe
{
    public EpollWritePipe(LinuxEventLoop loop, PipeHandle pipe, StreamProtocol protocol, Future<bool> made)
        : base(loop, pipe, protocol, made, EpollEvents.Writable | EpollEvents.PeerHungUp | EpollEvents.EdgeTriggered)
    {
        State |= TransportState.EofReceived; // nothing is read
    }

    public override void OnReady(EpollEvents events)
    {
        base.OnReady(events);
        // What waited has failed above, with the error. Otherwise the reader has had all there was.
        if ((events & EpollEvents.Ending) != 0 && Backlog.IsEmpty)
            Close();
    }

    public override void WriteEof() => Close();

    private protected override int Receive(Span<byte> buffer) => 0;

    private protected override int Send(ReadOnlySpan<byte> data) => Libc.Write(Descriptor, data);
}
