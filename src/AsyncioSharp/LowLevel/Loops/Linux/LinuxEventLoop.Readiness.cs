using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

// Descriptors that belong to the program: they are watched, and not closed with the loop.
public abstract partial class LinuxEventLoop
{
    private Dictionary<int, EpollReadiness>? _readiness;
    private Dictionary<int, SafeHandle>? _takenOver;

    private protected override void WatchReadiness(int descriptor, SafeHandle? handle, bool toWrite, Action callback)
    {
        var readiness = ReadinessOf(descriptor, handle);
        (toWrite ? readiness.Writer : readiness.Reader).Set(callback);
    }

    private protected override bool UnwatchReadiness(int descriptor, SafeHandle? handle, bool toWrite)
    {
        CheckNoTransport(descriptor, handle);
        if (_readiness is null || !_readiness.TryGetValue(descriptor, out var readiness))
            return false;
        if (handle is { IsClosed: true } && !readiness.IsOf(handle))
            return false; // its number has passed on to another
        return (toWrite ? readiness.Writer : readiness.Reader).Remove();
    }

    private protected sealed override bool BelongsToTransport(int descriptor) =>
        HasTransport(descriptor) || (_takenOver is not null && _takenOver.TryGetValue(descriptor, out var taken) && !taken.IsClosed);

    /// <summary>Whether one uses it by its own number.</summary>
    private protected virtual bool HasTransport(int descriptor) =>
        Poller.WatchOf(descriptor) is { Client: not null and not EpollListener { HasLostSocket: true } };

    /// <summary>A transport has taken a socket over, and uses it by another descriptor.</summary>
    private void NoteTakenOver(Socket socket)
    {
        var handle = socket.SafeHandle;
        _takenOver ??= [];
        _takenOver[(int)handle.DangerousGetHandle()] = handle;
    }

    /// <summary>Where a task waits until a socket can be read.</summary>
    private Coroutine WaitReadableAsync(Socket socket) => ReadinessOf(socket).Reader.WaitAsync();

    /// <summary>Where a task waits until a socket can be written.</summary>
    private Coroutine WaitWritableAsync(Socket socket) => ReadinessOf(socket).Writer.WaitAsync();

    private EpollReadiness ReadinessOf(Socket socket)
    {
        var handle = socket.SafeHandle;
        ObjectDisposedException.ThrowIf(handle.IsClosed, socket);
        return ReadinessOf((int)handle.DangerousGetHandle(), handle);
    }

    // The objects are kept, so that the next wait makes none: one for each number that was ever used so.
    private EpollReadiness ReadinessOf(int descriptor, SafeHandle? handle)
    {
        CheckNoTransport(descriptor, handle);
        _readiness ??= [];
        ref var readiness = ref CollectionsMarshal.GetValueRefOrAddDefault(_readiness, descriptor, out _);
        readiness ??= new EpollReadiness(this, descriptor);
        readiness.BelongsTo(handle);
        return readiness;
    }
}
