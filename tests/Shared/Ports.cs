using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.Tests;

/// <summary>Ports of this machine that stay what they are said to be, also while other tests take ports.</summary>
internal static class Ports
{
    // The system hands out ports from 32768 on (net.ipv4.ip_local_port_range), so that of these none becomes that of another test's socket.
    private const int First = 12_000;
    private const int End = 32_000;

    /// <summary>A port that nobody listens on, for a program that cannot choose one itself.</summary>
    public static int Free()
    {
        for (; ; )
        {
            var port = Random.Shared.Next(First, End);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Any, port));
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                // the next
            }
        }
    }

    /// <summary>A port that refuses connections, on every address of the machine, until the socket that holds it is disposed of.</summary>
    /// <param name="port">The port.</param>
    public static IDisposable Closed(out int port)
    {
        var socket = Socket.OSSupportsIPv6
            ? new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true }
            : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, 0));
        port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        return socket;
    }
}
