using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AsyncioSharp.LowLevel;

// Sockets that belong to the program: they are watched by a thread of their own, and not closed with the loop.
public sealed partial class PortableEventLoop
{
    private readonly Dictionary<(int Descriptor, bool ToWrite), PortableReadiness> _watched = [];
    private PortableSelector? _selector;

    private protected override void WatchReadiness(int descriptor, SafeHandle? handle, bool toWrite, Action callback)
    {
        CheckNoTransport(descriptor, handle);
        if (!toWrite && HasTask(descriptor))
            throw new InvalidOperationException("A task waits to read here already. Only one can wait at a time: await or cancel that task first.");
        var view = ViewOf(descriptor);
        _selector ??= new PortableSelector(this);
        if (_watched.TryGetValue((descriptor, toWrite), out var before))
            _selector.Retire(before);
        var readiness = new PortableReadiness(_selector, view, handle, toWrite, callback, ContextToKeep(null));
        _watched[(descriptor, toWrite)] = readiness;
        _selector.Arm(readiness);
    }

    private protected override bool UnwatchReadiness(int descriptor, SafeHandle? handle, bool toWrite)
    {
        CheckNoTransport(descriptor, handle);
        if (!_watched.TryGetValue((descriptor, toWrite), out var readiness))
            return false;
        if (handle is { IsClosed: true } && !readiness.IsOf(handle))
            return false; // its number has passed on to another
        _watched.Remove((descriptor, toWrite));
        _selector!.Retire(readiness);
        return true;
    }

    private void CheckFree(Socket socket)
    {
        if (_owners.ContainsKey(socket))
            throw new InvalidOperationException("The socket belongs to a transport, and only that may wait for it.");
        if (_watched.Count > 0 && _watched.TryGetValue(((int)socket.Handle, false), out var reader) && reader.IsOf(socket.SafeHandle))
        {
            throw new InvalidOperationException(
                "A callback given to AddReader waits to read here already. Only one can wait at a time: call RemoveReader first.");
        }
    }

    private void CloseSelector()
    {
        foreach (var readiness in _watched.Values)
            _selector!.Retire(readiness);
        _watched.Clear();
        _selector?.Dispose();
    }

    private bool HasTask(int descriptor) =>
        _arrivals.Any(arrival => arrival.Value.HasTask && IsOf(arrival.Key, descriptor))
            || _accepts.Any(accept => accept.Value.HasTask && IsOf(accept.Key, descriptor));

    private protected override bool BelongsToTransport(int descriptor) =>
        _owners.Values.Any(owner => owner.Owned is { } socket && IsOf(socket, descriptor))
            || Listeners.Any(listener => IsOf(listener.Socket, descriptor));

    // Not by the number, for which all would have to be looked at.
    private protected override bool IsTaken(Socket socket) =>
        _owners.ContainsKey(socket) || Listeners.Any(listener => ReferenceEquals(listener.Socket, socket));

    private static bool IsOf(Socket socket, int descriptor) =>
        !socket.SafeHandle.IsClosed && (int)socket.SafeHandle.DangerousGetHandle() == descriptor;

    // A second socket object, so that the thread which waits does not hold the program's. On Unix it can be of other things.
    private static Socket ViewOf(int descriptor)
    {
        Socket view;
        try
        {
            view = new Socket(new SafeSocketHandle(descriptor, ownsHandle: false));
        }
        catch (SocketException e)
        {
            throw new ArgumentException($"Descriptor {descriptor} is not open, or not of a kind that can be watched.", nameof(descriptor), e);
        }
        if (view.SocketType == SocketType.Unknown && HasPositions(descriptor))
        {
            view.Dispose();
            throw new NotSupportedException(
                $"Descriptor {descriptor} is of a regular file or the like, which cannot be watched: it is always ready. " +
                "Read or write it in Asyncio.ToThread.");
        }
        return view;
    }

    private static bool HasPositions(int descriptor)
    {
        try
        {
            _ = RandomAccess.GetLength(new SafeFileHandle(descriptor, ownsHandle: false));
            return true;
        }
        catch (NotSupportedException)
        {
            return false; // a pipe or a terminal
        }
    }
}
