using System.IO.Pipes;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// One end of a pipe on a portable loop: what reading and writing ones have in common. .NET reads and writes in its own time,
/// on a thread of its pool where the system knows no other way.
/// </summary>
internal abstract class PortablePipe : OperatedStream, ISocketOwner
{
    private readonly PortableEventLoop _loop;
    private readonly PipeHandle _pipe;
    private readonly Stream _stream;

    /// <exception cref="ArgumentException">It is not a pipe.</exception>
    private protected PortablePipe(PortableEventLoop loop, PipeHandle pipe, FileAccess access, StreamProtocol protocol, Future<bool> made)
        : this(loop, pipe, Open(pipe, access), access, protocol, made) { }

    private PortablePipe(PortableEventLoop loop, PipeHandle pipe, Stream stream, FileAccess access, StreamProtocol protocol, Future<bool> made)
        : base(loop, protocol, made, access == FileAccess.Read ? stream : null, access == FileAccess.Write ? stream : null)
    {
        _loop = loop;
        _pipe = pipe;
        _stream = stream;
        loop.Add(this);
    }

    public override SafeHandle Pipe => _pipe.Handle;

    private protected sealed override bool HasTwoSides => false;

    public override string ToString() => $"<{GetType().Name}{(IsClosing ? " closing" : "")}>";

    Socket? ISocketOwner.Owned => null;

    void ISocketOwner.OnCompleted(SocketOperation operation)
    {
    }

    private protected override void EndSending()
    {
    }

    private protected override void Release()
    {
        _loop.Remove(this);
        base.Release();
        _stream.Dispose();
        _pipe.Close();
    }

    private static Stream Open(PipeHandle pipe, FileAccess access)
    {
        Stream stream = pipe.Handle switch
        {
            SafeFileHandle file => new FileStream(file, access, bufferSize: 0),
            SafePipeHandle handle =>
                pipe.Stream ?? new AnonymousPipeClientStream(access == FileAccess.Read ? PipeDirection.In : PipeDirection.Out, handle),
            _ => throw new ArgumentException(
                $"{nameof(PortableEventLoop)} takes a {nameof(SafeFileHandle)} or {nameof(SafePipeHandle)}, " +
                $"not a {pipe.Handle.GetType().Name}.", nameof(pipe)),
        };
        if (stream.CanSeek)
        {
            throw new ArgumentException(
                "A pipe or terminal is needed, and this is a file of another kind. Open such files with AsyncFile.", nameof(pipe));
        }
        return stream;
    }
}
