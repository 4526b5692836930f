using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>One end of a pipe on an epoll loop: what reading and writing ones have in common.</summary>
internal abstract class EpollPipe : EpollStream
{
    private readonly PipeHandle _pipe;

    /// <exception cref="ArgumentException">It is neither a pipe nor the like.</exception>
    private protected EpollPipe(LinuxEventLoop loop, PipeHandle pipe, StreamProtocol protocol, Future<bool> made, EpollEvents events)
        : base(loop, protocol, server: null, made)
    {
        _pipe = pipe;
        var held = false;
        pipe.Handle.DangerousAddRef(ref held);
        Descriptor = (int)pipe.Handle.DangerousGetHandle();
        try
        {
            Start(events);
        }
        catch
        {
            pipe.Handle.DangerousRelease();
            throw;
        }
    }

    public override SafeHandle Pipe => _pipe.Handle;

    /// <summary>Its number, which means this pipe until it is given back.</summary>
    private protected int Descriptor { get; }

    private protected sealed override bool HasTwoSides => false;

    public override string ToString() => $"<{GetType().Name} {Descriptor}{(IsClosing ? " closing" : "")}>";

    private protected sealed override Exception Failure(string what, int error) => Errno.FileException(error, $"{what} failed");

    private protected override void EndSending()
    {
    }

    private protected sealed override void Release()
    {
        base.Release();
        _pipe.Handle.DangerousRelease();
        _pipe.Close();
    }

    private void Start(EpollEvents events)
    {
        var isStream = Libc.IsStream(Descriptor, out var isDevice, out var isPipe);
        if (isStream == 0)
        {
            throw new ArgumentException(
                "A pipe, socket or terminal is needed, and this is a file of another kind. Open such files with AsyncFile.", "pipe");
        }
        if (isStream < 0)
            throw Errno.FileException(-isStream, "The pipe cannot be looked at");
        var result = Libc.MakeNonBlocking(Descriptor);
        if (result < 0)
            throw Errno.FileException(-result, "The pipe cannot be made non-blocking");
        // A terminal gives a line at a time, a socket may give a message, however much there is: what is left is no event.
        if (!isPipe)
            State |= TransportState.InPieces;
        // Devices such as /dev/null are always ready, which the kernel tells in this way.
        result = Begin(Descriptor, events, always: isDevice);
        if (result == -Errno.EPERM && isDevice)
        {
            State |= TransportState.Readable;
        }
        else if (result == -Errno.EEXIST)
        {
            throw new InvalidOperationException(
                $"Descriptor {Descriptor} is watched already. " +
                "Remove its reader and writer first; to read and write the same, duplicate the descriptor.");
        }
        else if (result < 0)
        {
            throw Errno.FileException(-result, "The pipe cannot be watched");
        }
    }
}
