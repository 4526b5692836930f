using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.Tests.Sockets;

/// <summary>Two sockets connected with each other over 127.0.0.1.</summary>
internal sealed class SocketPair : IDisposable
{
    public SocketPair()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        Near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Near.Connect(listener.LocalEndPoint!);
        Far = listener.Accept();
    }

    /// <summary>The one that a test gives to the loop.</summary>
    public Socket Near { get; }

    /// <summary>The other, which blocks.</summary>
    public Socket Far { get; }

    public int NearDescriptor => (int)Near.Handle;

    /// <summary>Sends from <see cref="Near"/> until the system takes no more.</summary>
    public void FillUp()
    {
        Near.Blocking = false;
        for (var size = 8192; size > 0; size /= 2)
        {
            SocketError error;
            do
                Near.Send(new byte[size], SocketFlags.None, out error);
            while (error == SocketError.Success);
        }
    }

    public void Dispose()
    {
        Near.Dispose();
        Far.Dispose();
    }
}
