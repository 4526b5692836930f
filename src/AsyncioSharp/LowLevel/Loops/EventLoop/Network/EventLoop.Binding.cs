using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    private List<Socket> BindAll(IEnumerable<IPEndPoint> addresses, ServerOptions options)
    {
        var sockets = new List<Socket>();
        SocketException? unavailable = null;
        try
        {
            foreach (var address in addresses.Distinct())
            {
                try
                {
                    sockets.Add(Bind(address, options));
                }
                catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable)
                {
                    // A name may have addresses that this machine does not, or not at the moment.
                    unavailable = e;
                    if (Debug)
                        Report(LogLevel.Warning, $"The server does not listen on {address}: {e.Message}", kind: ReportKind.AddressUnavailable);
                }
            }
            return sockets.Count > 0 ? sockets : throw unavailable!;
        }
        catch
        {
            sockets.ForEach(static socket => socket.Dispose());
            throw;
        }
    }

    private static Socket Bind(IPEndPoint address, ServerOptions options)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // Where both families are bound each has a socket of its own.
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = options.DualMode && address.Address.Equals(IPAddress.IPv6Any);
            if (options.ReusePort)
                PortSharing.Enable(socket);
            if (options.Processor is { } processor)
                PortSharing.Prefer(socket, processor);
            socket.Bind(address); // which sets SO_REUSEADDR, as asyncio does
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new SocketException((int)e.SocketErrorCode, $"The server cannot listen on {address}: {e.Message}");
        }
    }
}
