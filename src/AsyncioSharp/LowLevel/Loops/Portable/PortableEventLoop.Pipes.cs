namespace AsyncioSharp.LowLevel;

public sealed partial class PortableEventLoop
{
    private protected override Transport StartPipe(PipeHandle pipe, bool toWrite, StreamProtocol protocol, Future<bool> made) =>
        toWrite ? new PortableWritePipe(this, pipe, protocol, made) : new PortableReadPipe(this, pipe, protocol, made);
}
