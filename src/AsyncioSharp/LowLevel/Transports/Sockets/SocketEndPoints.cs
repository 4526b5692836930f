using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>The addresses of a socket, where it may have none, or may be closed already.</summary>
internal static class SocketEndPoints
{
    /// <summary>The address on this side; null if there is none.</summary>
    public static EndPoint? Local(Socket socket) => Ask(socket, static socket => socket.LocalEndPoint);

    /// <summary>The peer's address; null if it is connected no more.</summary>
    public static EndPoint? Remote(Socket socket) => Ask(socket, static socket => socket.RemoteEndPoint);

    private static EndPoint? Ask(Socket socket, Func<Socket, EndPoint?> question)
    {
        try
        {
            return question(socket);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }
}
