using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>The socket option with which several sockets share a port, and the system spreads connections over them. .NET
/// has no name for it.</summary>
internal static class PortSharing
{
    // SOL_SOCKET and SO_REUSEPORT: those of Linux, and those of the systems that come from BSD.
    private static readonly (int Level, int Name)? s_option =
        OperatingSystem.IsLinux() ? (1, 15)
        : OperatingSystem.IsMacOS() || OperatingSystem.IsFreeBSD() ? (0xFFFF, 0x0200)
        : null;

    public static bool IsSupported => s_option is not null;

    /// <exception cref="PlatformNotSupportedException">This system has no such option.</exception>
    public static void CheckSupported()
    {
        if (s_option is null)
            throw new PlatformNotSupportedException("Sockets cannot share a port on this system: leave ReusePort off.");
    }

    public static void Enable(Socket socket)
    {
        var (level, name) = s_option!.Value;
        socket.SetRawSocketOption(level, name, BitConverter.GetBytes(1));
    }

    /// <summary>Of several sockets that share a port, this one is to get the connections that the system receives on a processor (Linux). Where that
    /// cannot be, it gets those that it gets.</summary>
    public static void Prefer(Socket socket, int processor)
    {
        try
        {
            socket.SetRawSocketOption(Libc.SocketLevel, Libc.IncomingProcessor, BitConverter.GetBytes(processor));
        }
        catch (SocketException)
        {
            // A system that only looks like Linux may not know of it; they are handed over after they were accepted.
        }
    }
}
