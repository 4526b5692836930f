using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AsyncioSharp.LowLevel;

/// <summary>One direction of a socket that belongs to the program, and what is called when it is ready.</summary>
/// <remarks>Level-triggered, as asyncio's: after each call it is watched anew.</remarks>
internal sealed class PortableReadiness(
    PortableSelector selector, Socket view, SafeHandle? handle, bool toWrite, Action callback, ExecutionContext? context)
    : InboxItem
{
    /// <summary>The socket, for the thread that waits. Disposing of it does not close it.</summary>
    public Socket View => view;

    /// <summary>Whether it is to be written; otherwise read.</summary>
    public bool IsToWrite => toWrite;

    /// <summary>Whether its callback is not to be called any more.</summary>
    public bool IsRemoved { get; set; }

    internal override Delegate? UserCallback => callback;

    /// <summary>Whether it is of this handle, also if that is closed.</summary>
    public bool IsOf(SafeHandle other) => ReferenceEquals(handle, other);

    /// <summary>Whether the descriptor is open still. Of one that is not the system tells nothing.</summary>
    public bool IsOpen()
    {
        if (handle is { IsClosed: true })
            return false;
        try
        {
            if (view.SocketType != SocketType.Unknown)
                _ = view.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Type);
            else
                _ = RandomAccess.GetLength(new SafeFileHandle(view.Handle, ownsHandle: false));
            return true;
        }
        catch (NotSupportedException)
        {
            return true; // a pipe or a terminal, which has no length
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    internal override void Run()
    {
        // Closed behind its back, its number may be another socket's by now.
        if (IsRemoved || handle is { IsClosed: true })
            return;
        if (context is not null)
            ExecutionContext.Restore(context); // the loop restores its own after each callback
        try
        {
            callback();
        }
        finally
        {
            if (!IsRemoved)
                selector.Arm(this);
        }
    }
}
