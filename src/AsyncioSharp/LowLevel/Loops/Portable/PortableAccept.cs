using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>Where a task waits for a connection to a listening socket.</summary>
internal sealed class PortableAccept(EventLoop loop, Socket socket) : PortableSocketWait(loop, "accept")
{
    /// <summary>The connection.</summary>
    /// <exception cref="SocketException">None can be accepted.</exception>
    public Socket TakeSocket()
    {
        var arguments = Take();
        if (arguments.SocketError != SocketError.Success)
            throw SocketErrors.Exception(arguments.SocketError, "Accepting failed");
        var accepted = arguments.AcceptSocket!;
        arguments.AcceptSocket = null;
        return accepted;
    }

    protected override bool Begin(SocketAsyncEventArgs arguments) => SocketCalls.AcceptAsync(socket, arguments);
}
