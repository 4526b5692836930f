using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>Where a task waits until there is something to receive. It takes nothing of it.</summary>
internal sealed class PortableArrival(EventLoop loop, Socket socket) : PortableSocketWait(loop, "receive")
{
    /// <summary>With which the task receives then.</summary>
    public PortableReceiver Receiver { get; } = new(socket);

    /// <summary>The error that arrived.</summary>
    public SocketError TakeError() => PortableReceiver.ErrorOf(Take());

    protected override bool Begin(SocketAsyncEventArgs arguments) => Receiver.BeginArrival(arguments);
}
