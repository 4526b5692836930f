using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.Tests.Transports;

/// <summary>An address that does not answer: its queue of connections is full, so that further attempts hang.</summary>
internal sealed class Silent : IDisposable
{
    private readonly Socket _listener = NewSocket();
    private readonly Socket _first = NewSocket();

    private Silent(IPEndPoint address)
    {
        _listener.Bind(address);
        _listener.Listen(0);
        _first.Connect(address);
    }

    public static Silent On(IPAddress address, int port) => new(new IPEndPoint(address, port));

    public void Dispose()
    {
        _first.Dispose();
        _listener.Dispose();
    }

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
}
