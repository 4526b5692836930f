using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>One end of a pipe that a program has handed over, to be closed by its transport.</summary>
internal sealed class PipeHandle
{
    private readonly IDisposable _owner;

    private PipeHandle(SafeHandle handle, Stream? stream)
    {
        Handle = handle;
        Stream = stream;
        _owner = stream ?? (IDisposable)handle;
    }

    public SafeHandle Handle { get; }

    /// <summary>The stream that was handed over, if it was one.</summary>
    public Stream? Stream { get; }

    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public static PipeHandle Of(SafeHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        ObjectDisposedException.ThrowIf(handle.IsClosed, handle);
        return new PipeHandle(handle, null);
    }

    /// <exception cref="ArgumentException">The stream is over something else than a pipe.</exception>
    public static PipeHandle Of(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return stream switch
        {
            FileStream file => new PipeHandle(file.SafeFileHandle, file),
            PipeStream pipe => new PipeHandle(pipe.SafePipeHandle, pipe),
            _ => throw new ArgumentException(
                $"A {nameof(FileStream)} or {nameof(PipeStream)} is needed, not a {stream.GetType().Name}.", nameof(stream)),
        };
    }

    /// <summary>Closes the pipe.</summary>
    public void Close() => _owner.Dispose();
}
