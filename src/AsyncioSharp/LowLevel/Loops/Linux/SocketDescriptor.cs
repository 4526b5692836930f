using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// A socket's descriptor as transports use it: they own it, so that its number means this socket until they close it.
/// </summary>
internal sealed class SocketDescriptor
{
    // Of an accepted socket it is made when somebody asks for it, as few do: an object with a finalizer costs as much as a system call.
    private SafeSocketHandle? _handle;
    private readonly Socket? _owner; // closes the handle
    private readonly Socket? _companion; // another descriptor of the same socket, to be closed along
    private SocketView _view;

    private SocketDescriptor(SafeSocketHandle handle, Socket? owner, Socket? companion)
        : this((int)handle.DangerousGetHandle(), (owner ?? companion)!.AddressFamily == AddressFamily.Unix)
    {
        _owner = owner;
        _companion = companion;
        Hold(handle);
    }

    private SocketDescriptor(int number, bool isUnix) => (Number, IsUnix) = (number, isUnix);

    public int Number { get; }

    /// <summary>Whether it is a Unix socket.</summary>
    public bool IsUnix { get; }

    /// <summary>Whether it was accepted and nobody has looked at it, so that nobody can have another descriptor of the socket.</summary>
    public bool IsUnseen => _handle is null;

    /// <summary>
    /// The socket for whoever wants to look at its options. It does not own the descriptor: disposing of it does no harm.
    /// </summary>
    public Socket View => _view.Of(Handle);

    /// <summary>Of a socket that nobody else has.</summary>
    /// <param name="number">The descriptor, as the kernel gave it.</param>
    /// <param name="isUnix">Whether it is a Unix socket.</param>
    public static SocketDescriptor OfAccepted(int number, bool isUnix) => new(number, isUnix);

    /// <summary>Of a socket that nobody else has.</summary>
    /// <param name="socket">The socket; closed with the descriptor.</param>
    public static SocketDescriptor OfOwn(Socket socket) => new(socket.SafeHandle, socket, null);

    /// <summary>
    /// Of a socket that a program passed in and may still use, or dispose of before the transport has ended. Hence a
    /// second descriptor; the program's socket is closed along with it.
    /// </summary>
    /// <param name="socket">The program's socket.</param>
    /// <exception cref="SocketException">There are no descriptors left.</exception>
    public static SocketDescriptor OfForeign(Socket socket)
    {
        var number = Libc.Duplicate((int)socket.SafeHandle.DangerousGetHandle());
        GC.KeepAlive(socket);
        return number >= 0
            ? new SocketDescriptor(new SafeSocketHandle(number, ownsHandle: true), null, socket)
            : throw Errno.Exception(-number, "The socket's descriptor cannot be duplicated");
    }

    private SafeSocketHandle Handle => _handle ?? Hold(new SafeSocketHandle(Number, ownsHandle: true));

    /// <summary>Gives the socket away. Called once, in place of <see cref="Close"/>.</summary>
    public Socket Detach()
    {
        var companion = _companion is { SafeHandle.IsClosed: false } ? _companion : null;
        var handle = Handle;
        var socket = _owner ?? companion ?? new Socket(handle);
        _view.Dispose();
        handle.DangerousRelease();
        if (companion is not null)
        {
            handle.SetHandleAsInvalid();
            _ = Libc.Close(Number);
        }
        return socket;
    }

    /// <summary>Closes the socket. Called once.</summary>
    public void Close()
    {
        _view.Dispose();
        _handle?.DangerousRelease();
        if (_owner is not null)
        {
            _owner.Dispose();
        }
        else
        {
            // Disposing of the handle itself would reset the connection instead of ending it.
            _handle?.SetHandleAsInvalid();
            _ = Libc.Close(Number);
        }
        _companion?.Dispose();
    }

    private SafeSocketHandle Hold(SafeSocketHandle handle)
    {
        var held = false;
        handle.DangerousAddRef(ref held);
        return _handle = handle;
    }
}
