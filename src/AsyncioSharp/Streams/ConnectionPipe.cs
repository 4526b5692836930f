using System.IO.Pipelines;

namespace AsyncioSharp;

/// <summary>Both sides of a connection as pipes.</summary>
internal sealed class ConnectionPipe(Stream stream) : IDuplexPipe
{
    public PipeReader Input { get; } = ReaderOf(stream);

    public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));

    public static PipeReader ReaderOf(Stream stream) =>
        PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true));
}
