namespace AsyncioSharp.LowLevel;

public abstract partial class LinuxEventLoop
{
    private protected override Transport StartPipe(PipeHandle pipe, bool toWrite, StreamProtocol protocol, Future<bool> made) =>
        toWrite ? new EpollWritePipe(this, pipe, protocol, made) : new EpollReadPipe(this, pipe, protocol, made);
}
