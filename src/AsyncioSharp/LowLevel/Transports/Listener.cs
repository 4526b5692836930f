using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>One listening socket of a <see cref="Server"/>, as a loop accepts on it.</summary>
internal abstract class Listener(Socket socket)
{
    public Socket Socket { get; } = socket;

    /// <summary>Begins to accept.</summary>
    public abstract void Start();

    /// <summary>Accepts no more until it is started again.</summary>
    public abstract void Stop();

    /// <summary>Accepts no more, and closes the socket.</summary>
    public abstract void Close();
}
