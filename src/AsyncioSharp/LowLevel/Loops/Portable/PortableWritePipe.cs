namespace AsyncioSharp.LowLevel;

/// <summary>The writing end of a pipe on a portable loop. That nobody reads any more it notices when it writes.</summary>
internal sealed class PortableWritePipe : PortablePipe
{
    public PortableWritePipe(PortableEventLoop loop, PipeHandle pipe, StreamProtocol protocol, Future<bool> made)
        : base(loop, pipe, FileAccess.Write, protocol, made) =>
        State |= TransportState.EofReceived; // nothing is read

    public override void WriteEof() => Close();
}
