using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    /// <summary>
    /// Has a callback called whenever a descriptor can be read without waiting (<c>loop.add_reader()</c>), again and again
    /// until it was read empty or <see cref="RemoveReader(int)"/> is called. It takes the place of the one before.
    /// </summary>
    /// <param name="descriptor">The descriptor of a socket, pipe, terminal or the like. Remove it before it is closed.</param>
    /// <param name="callback">The callback.</param>
    /// <exception cref="ArgumentOutOfRangeException">The descriptor is negative.</exception>
    /// <exception cref="InvalidOperationException">The descriptor belongs to a transport, or a task waits for it.</exception>
    /// <exception cref="NotSupportedException">Descriptors of this kind cannot be watched, or not on this loop.</exception>
    /// <exception cref="ArgumentException">It is not open.</exception>
    public void AddReader(int descriptor, Action callback)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(descriptor);
        Watch(descriptor, null, toWrite: false, callback);
    }

    /// <inheritdoc cref="AddReader(int, Action)"/>
    /// <param name="handle">The descriptor's handle.</param>
    /// <param name="callback">The callback.</param>
    /// <exception cref="ObjectDisposedException">The handle is closed.</exception>
    public void AddReader(SafeHandle handle, Action callback) => Watch(handle, toWrite: false, callback);

    /// <inheritdoc cref="AddReader(int, Action)"/>
    /// <param name="socket">The socket.</param>
    /// <param name="callback">The callback.</param>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public void AddReader(Socket socket, Action callback)
    {
        ArgumentNullException.ThrowIfNull(socket);
        AddReader(socket.SafeHandle, callback);
    }

    /// <summary>Drops the callback of <see cref="AddReader(int, Action)"/> (<c>loop.remove_reader()</c>).</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="InvalidOperationException">The descriptor belongs to a transport.</exception>
    public bool RemoveReader(int descriptor) => Unwatch(descriptor, null, toWrite: false);

    /// <inheritdoc cref="RemoveReader(int)"/>
    /// <param name="handle">The descriptor's handle. It may be closed meanwhile.</param>
    public bool RemoveReader(SafeHandle handle) => Unwatch(handle, toWrite: false);

    /// <inheritdoc cref="RemoveReader(int)"/>
    /// <param name="socket">The socket. It may be closed meanwhile.</param>
    public bool RemoveReader(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return RemoveReader(socket.SafeHandle);
    }

    /// <summary>
    /// Has a callback called whenever a descriptor can be written without waiting (<c>loop.add_writer()</c>), again and
    /// again until it is full or <see cref="RemoveWriter(int)"/> is called. It takes the place of the one before.
    /// </summary>
    /// <inheritdoc cref="AddReader(int, Action)"/>
    public void AddWriter(int descriptor, Action callback)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(descriptor);
        Watch(descriptor, null, toWrite: true, callback);
    }

    /// <inheritdoc cref="AddWriter(int, Action)"/>
    /// <param name="handle">The descriptor's handle.</param>
    /// <param name="callback">The callback.</param>
    /// <exception cref="ObjectDisposedException">The handle is closed.</exception>
    public void AddWriter(SafeHandle handle, Action callback) => Watch(handle, toWrite: true, callback);

    /// <inheritdoc cref="AddWriter(int, Action)"/>
    /// <param name="socket">The socket.</param>
    /// <param name="callback">The callback.</param>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public void AddWriter(Socket socket, Action callback)
    {
        ArgumentNullException.ThrowIfNull(socket);
        AddWriter(socket.SafeHandle, callback);
    }

    /// <summary>Drops the callback of <see cref="AddWriter(int, Action)"/> (<c>loop.remove_writer()</c>).</summary>
    /// <inheritdoc cref="RemoveReader(int)"/>
    public bool RemoveWriter(int descriptor) => Unwatch(descriptor, null, toWrite: true);

    /// <inheritdoc cref="RemoveWriter(int)"/>
    /// <param name="handle">The descriptor's handle. It may be closed meanwhile.</param>
    public bool RemoveWriter(SafeHandle handle) => Unwatch(handle, toWrite: true);

    /// <inheritdoc cref="RemoveWriter(int)"/>
    /// <param name="socket">The socket. It may be closed meanwhile.</param>
    public bool RemoveWriter(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return RemoveWriter(socket.SafeHandle);
    }

    /// <summary>Calls back whenever a descriptor is ready.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="handle">Its handle, if that is known.</param>
    /// <param name="toWrite">Whether it is to be written; otherwise read.</param>
    /// <param name="callback">The callback.</param>
    private protected virtual void WatchReadiness(int descriptor, SafeHandle? handle, bool toWrite, Action callback) => throw NoNetwork();

    /// <summary>Ends <see cref="WatchReadiness"/>.</summary>
    /// <returns>Whether there was a callback.</returns>
    private protected virtual bool UnwatchReadiness(int descriptor, SafeHandle? handle, bool toWrite) => throw NoNetwork();

    /// <summary>Whether a transport or server uses a descriptor.</summary>
    private protected virtual bool BelongsToTransport(int descriptor) => false;

    private protected void CheckNoTransport(int descriptor, SafeHandle? handle)
    {
        if (handle is not { IsClosed: true } && BelongsToTransport(descriptor))
            throw new InvalidOperationException($"Descriptor {descriptor} belongs to a transport or server, and only that may wait for it.");
    }

    private void Watch(SafeHandle handle, bool toWrite, Action callback)
    {
        ArgumentNullException.ThrowIfNull(handle);
        ObjectDisposedException.ThrowIf(handle.IsClosed, handle);
        Watch((int)handle.DangerousGetHandle(), handle, toWrite, callback);
    }

    private void Watch(int descriptor, SafeHandle? handle, bool toWrite, Action callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        CheckNetwork();
        WatchReadiness(descriptor, handle, toWrite, callback);
    }

    private bool Unwatch(SafeHandle handle, bool toWrite)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return Unwatch((int)handle.DangerousGetHandle(), handle, toWrite);
    }

    // Cleaning up is allowed at any time, also once the loop is closed.
    private bool Unwatch(int descriptor, SafeHandle? handle, bool toWrite)
    {
        if (IsClosed)
            return false;
        CheckNetwork();
        return UnwatchReadiness(descriptor, handle, toWrite);
    }
}
