using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>Exceptions that say what failed besides why.</summary>
internal static class SocketErrors
{
    /// <summary>The exception for an error of a socket.</summary>
    /// <param name="error">The error.</param>
    /// <param name="what">What failed.</param>
    public static SocketException Exception(SocketError error, string what) =>
        new((int)error, $"{what}: {new SocketException((int)error).Message}");

    /// <summary>The exception for an address that could not be connected to.</summary>
    /// <param name="error">The error.</param>
    /// <param name="remote">The address.</param>
    public static SocketException NotConnected(SocketError error, EndPoint remote) => Exception(error, $"Connecting to {remote} failed");
}
