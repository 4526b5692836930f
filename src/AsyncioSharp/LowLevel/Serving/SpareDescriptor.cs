using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// A descriptor kept for the moment when there are no others: to report that, the runtime may have to load an assembly or
/// read symbols, which takes one.
/// </summary>
internal sealed class SpareDescriptor : IDisposable
{
    private Socket? _socket; // the one kind of descriptor that every system has

    public SpareDescriptor() => Reserve();

    /// <summary>Has something done with the spare descriptor free.</summary>
    public void LendTo<T>(Action<T> action, T state)
    {
        Dispose();
        try
        {
            action(state);
        }
        finally
        {
            Reserve();
        }
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private void Reserve()
    {
        try
        {
            _socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        }
        catch (SocketException)
        {
            // Somebody else took it. There is none until servers are made again.
        }
    }
}
