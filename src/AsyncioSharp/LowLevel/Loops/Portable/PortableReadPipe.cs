namespace AsyncioSharp.LowLevel;

/// <summary>The reading end of a pipe on a portable loop.</summary>
internal sealed class PortableReadPipe(PortableEventLoop loop, PipeHandle pipe, StreamProtocol protocol, Future<bool> made)
    : PortablePipe(loop, pipe, FileAccess.Read, protocol, made)
{
    public override bool CanWriteEof => false;

    public override void Write(ReadOnlySpan<byte> data) => throw PipeErrors.NotWritten();

    public override void WriteEof() => throw PipeErrors.NotWritten();
}
