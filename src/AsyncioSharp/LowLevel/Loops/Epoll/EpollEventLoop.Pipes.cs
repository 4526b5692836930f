namespace AsyncioSharp.LowLevel;

public sealed partial class EpollEventLoop
{
    private protected override Transport StartPipe(PipeHandle pipe, bool toWrite, StreamProtocol protocol, Future<bool> made) =>
        toWrite ? new EpollWritePipe(this, pipe, protocol, made) : new EpollReadPipe(this, pipe, protocol, made);
}
