using System.Net.Sockets;

namespace AsyncioSharp.AspNetCore;

/// <summary>Whether a server listens on a Unix socket. The loops replace its file in any case, as asyncio does; Kestrel's own transport would not
/// take the address away from a server that runs.</summary>
internal static class UnixSocketProbe
{
    /// <summary>Tries to connect, without waiting. A server sees a client that has gone.</summary>
    public static bool IsServed(UnixDomainSocketEndPoint endPoint)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(endPoint);
            return true;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode switch
            {
                SocketError.WouldBlock => true, // its queue is full
                SocketError.ProtocolType => true, // it receives datagrams
                SocketError.AccessDenied => File.Exists(endPoint.ToString()), // another user's, and there is no telling
                _ => false, // nobody listens, or there is no such file
            };
        }
    }
}
