namespace AsyncioSharp.LowLevel;

/// <summary>The reading end of a pipe on an epoll loop.</summary>
internal sealed class EpollReadPipe(LinuxEventLoop loop, PipeHandle pipe, StreamProtocol protocol, Future<bool> made)
    : EpollPipe(loop, pipe, protocol, made, EpollEvents.Readable | EpollEvents.PeerHungUp | EpollEvents.EdgeTriggered)
{
    public override bool CanWriteEof => false;

    public override void Write(ReadOnlySpan<byte> data) => throw PipeErrors.NotWritten();

    public override void WriteEof() => throw PipeErrors.NotWritten();

    private protected override int Receive(Span<byte> buffer) => Libc.Read(Descriptor, buffer);

    private protected override int Send(ReadOnlySpan<byte> data) => throw PipeErrors.NotWritten();
}
