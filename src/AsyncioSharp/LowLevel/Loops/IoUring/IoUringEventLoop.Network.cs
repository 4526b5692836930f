using System.Net;

namespace AsyncioSharp.LowLevel;

public sealed partial class IoUringEventLoop
{
    // By descriptor. Null before the first: an empty array would have .NET load the transports with all that they derive from, at the start
    // of every program.
    private IoUringTransport?[]? _transports;

    internal override EpollTransport NewTransport(SocketDescriptor socket, StreamProtocol protocol, EndPoint? remote, Future<bool> made) =>
        GetDriver() is { Buffers: not null } driver
            ? new IoUringTransport(this, driver, socket, protocol, remote, made)
            : base.NewTransport(socket, protocol, remote, made);

    internal override EpollTransport NewTransport(SocketDescriptor socket, StreamProtocol protocol, Server server, in PeerAddress peer) =>
        GetDriver() is { Buffers: not null } driver
            ? new IoUringTransport(this, driver, socket, protocol, server, peer)
            : base.NewTransport(socket, protocol, server, peer);

    /// <summary>A transport has a descriptor from now on, until <see cref="Remove"/>.</summary>
    internal void Add(int descriptor, IoUringTransport transport)
    {
        if (_transports is null || descriptor >= _transports.Length)
            Array.Resize(ref _transports, Math.Max(descriptor + 1, (_transports?.Length ?? 0) * 2));
        _transports[descriptor] = transport;
    }

    /// <summary>Ends <see cref="Add"/>.</summary>
    internal void Remove(int descriptor) => _transports![descriptor] = null;

    private protected override bool HasTransport(int descriptor) =>
        base.HasTransport(descriptor)
        || (_transports is not null && (uint)descriptor < (uint)_transports.Length && _transports[descriptor] is not null);

    private static void CloseTransports(IoUringTransport?[] transports)
    {
        foreach (var transport in transports)
            transport?.OnLoopClosing();
    }
}
