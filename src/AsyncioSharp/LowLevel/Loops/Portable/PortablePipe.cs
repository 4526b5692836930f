using System.IO.Pipes;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// One end of a pipe on a portable loop: what reading and writing ones have in common. .NET reads and writes in its own time,
/// on a thread of its pool where the system knows no other way.
/// </summary>
internal abstract class PortablePipe : StreamTransport, ISocketOwner
{
    private readonly PortableEventLoop _loop;
    private readonly PipeHandle _pipe;

    /// <exception cref="ArgumentException">It is not a pipe.</exception>
    private protected PortablePipe(PortableEventLoop loop, PipeHandle pipe, FileAccess access, StreamProtocol protocol, Future<bool> made)
        : base(loop, protocol, server: null, made)
    {
        _loop = loop;
        _pipe = pipe;
        Stream = pipe.Handle switch
        {
            SafeFileHandle file => new FileStream(file, access, bufferSize: 0),
            SafePipeHandle handle => pipe.Stream ?? new AnonymousPipeClientStream(access == FileAccess.Read ? PipeDirection.In : PipeDirection.Out, handle),
            _ => throw new ArgumentException($"{nameof(PortableEventLoop)} takes a {nameof(SafeFileHandle)} or {nameof(SafePipeHandle)}, not a {pipe.Handle.GetType().Name}."),
        };
        if (Stream.CanSeek)
            throw new ArgumentException("A pipe or terminal is needed, and this is a file of another kind. Read and write such files in Asyncio.ToThread.");
        Operation = new PipeOperation(loop, this);
        loop.Add(this);
        loop.CallSoon(static transport => transport.Start(), this);
    }

    public override SafeHandle Pipe => _pipe.Handle;

    /// <summary>The pipe.</summary>
    private protected Stream Stream { get; }

    /// <summary>What it is asked to do, one thing at a time.</summary>
    private protected PipeOperation Operation { get; }

    private protected sealed override bool HasTwoSides => false;

    public override string ToString() => $"<{GetType().Name}{(IsClosing ? " closing" : "")}>";

    /// <summary>The operation has ended.</summary>
    /// <param name="count">How many bytes were read.</param>
    /// <param name="failure">Why it failed, if it did.</param>
    public abstract void OnCompleted(int count, Exception? failure);

    Socket? ISocketOwner.Owned => null;

    void ISocketOwner.OnCompleted(SocketOperation operation)
    {
    }

    /// <summary>Whatever can begin, begins.</summary>
    private protected abstract void Continue();

    private protected override void EndSending()
    {
    }

    private protected override void Release()
    {
        _loop.Remove(this);
        Operation.Dispose();
        Stream.Dispose();
        _pipe.Close();
    }

    private void Start()
    {
        if (IsFinished)
            return;
        Begin();
        Continue();
    }
}
