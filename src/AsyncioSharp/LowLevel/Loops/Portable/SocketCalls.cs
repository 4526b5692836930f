using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>What is asked of .NET's sockets on a portable loop, in one place so that tests can have each call fail.</summary>
internal static class SocketCalls
{
    public static int Receive(Socket socket, Span<byte> buffer, out SocketError error) =>
        Faults.Strike("Receive", out error) ? 0 : socket.Receive(buffer, SocketFlags.None, out error);

    public static int Send(Socket socket, ReadOnlySpan<byte> data, out SocketError error) =>
        Faults.Strike("Send", out error) ? 0 : socket.Send(data, SocketFlags.None, out error);

    /// <exception cref="SocketException">It failed.</exception>
    public static int ReceiveFrom(Socket socket, Span<byte> buffer, SocketAddress sender) =>
        Faults.Strike("ReceiveFrom", out var error) ? throw new SocketException((int)error) : socket.ReceiveFrom(buffer, SocketFlags.None, sender);

    /// <exception cref="SocketException">It failed.</exception>
    public static int SendTo(Socket socket, ReadOnlySpan<byte> data, EndPoint remote) =>
        Faults.Strike("SendTo", out var error) ? throw new SocketException((int)error) : socket.SendTo(data, remote);

    // Each of these returns whether the end comes later.

    public static bool ReceiveAsync(Socket socket, SocketAsyncEventArgs arguments) =>
        !Strike("ReceiveAsync", arguments) && socket.ReceiveAsync(arguments);

    public static bool SendAsync(Socket socket, SocketAsyncEventArgs arguments) =>
        !Strike("SendAsync", arguments) && socket.SendAsync(arguments);

    public static bool SendToAsync(Socket socket, SocketAsyncEventArgs arguments) =>
        !Strike("SendToAsync", arguments) && socket.SendToAsync(arguments);

    public static bool ConnectAsync(Socket socket, SocketAsyncEventArgs arguments) =>
        !Strike("ConnectAsync", arguments) && socket.ConnectAsync(arguments);

    public static bool AcceptAsync(Socket socket, SocketAsyncEventArgs arguments) =>
        !Strike("AcceptAsync", arguments) && socket.AcceptAsync(arguments);

    private static bool Strike(string call, SocketAsyncEventArgs arguments)
    {
        if (!Faults.Strike(call, out var error))
            return false;
        arguments.SocketError = error;
        return true;
    }
}
