using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// The file by which a listening Unix socket is found. It outlives the socket, unless somebody removes it; and by then it
/// may be another server's.
/// </summary>
internal sealed class UnixSocketFile
{
    private readonly string _path;
    private readonly (ulong, ulong) _identity;

    private UnixSocketFile(string path, (ulong, ulong) identity)
    {
        _path = path;
        _identity = identity;
    }

    /// <summary>The file of a bound socket; null if it has none, or none that can be told from others.</summary>
    public static UnixSocketFile? Of(Socket socket)
    {
        var path = SocketEndPoints.Local(socket)?.ToString();
        if (string.IsNullOrEmpty(path) || path[0] == '@') // an abstract name, as .NET writes it
            return null;
        path = Path.GetFullPath(path); // the program may change its directory
        return Identify(path) is { } identity ? new UnixSocketFile(path, identity) : null;
    }

    /// <summary>Removes what a server has left behind that did not end in an orderly way, so that its name can be bound
    /// again. Other files are left alone.</summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be removed.</exception>
    public static void RemoveStale(string path)
    {
        if (IsSocket(path))
            File.Delete(path);
    }

    /// <summary>Removes the file, if it is still the one of this socket.</summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be removed.</exception>
    public void Remove()
    {
        if (Identify(_path) == _identity)
            File.Delete(_path);
    }

    public override string ToString() => _path;

    private static bool IsSocket(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                return Libc.Status(path, out var isSocket, out _) >= 0 && isSocket;
            }
            catch (EntryPointNotFoundException)
            {
                return false;
            }
        }
        if (!File.Exists(path))
            return false;
        // Elsewhere connecting tells: it fails with an error of its own for other files.
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.WouldBlock;
        }
    }

    private static (ulong, ulong)? Identify(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                return Libc.Status(path, out _, out var identity) >= 0 ? identity : null;
            }
            catch (EntryPointNotFoundException)
            {
                return null;
            }
        }
        // .NET does not tell the number of a file. A socket's is not written to, so that these do not change.
        return File.Exists(path)
            ? ((ulong)File.GetCreationTimeUtc(path).Ticks, (ulong)File.GetLastWriteTimeUtc(path).Ticks)
            : null;
    }
}
