using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>Whoever has a socket do something in its own time.</summary>
internal interface ISocketOwner
{
    /// <summary>The socket that belongs to it alone; null if it is the program's.</summary>
    Socket? Owned { get; }

    /// <summary>An operation has ended, well or badly. Called in its turn in the loop.</summary>
    void OnCompleted(SocketOperation operation);

    /// <summary>The loop closes: give the socket back, and call nobody.</summary>
    void OnLoopClosing();
}
