using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>Linux's error numbers, and the exceptions that .NET has for them.</summary>
internal static class Errno
{
    private static readonly string?[] s_texts = new string?[134]; // by number: Linux has no higher ones

    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int ESRCH = 3;
    public const int EINTR = 4;
    public const int EIO = 5;
    public const int EBADF = 9;
    public const int EAGAIN = 11;
    public const int ENOMEM = 12;
    public const int EACCES = 13;
    public const int EBUSY = 16;
    public const int EEXIST = 17;
    public const int EINVAL = 22;
    public const int ENFILE = 23;
    public const int EMFILE = 24;
    public const int EROFS = 30;
    public const int ENOSYS = 38;
    public const int ETIME = 62;
    public const int EOVERFLOW = 75;
    public const int EOPNOTSUPP = 95;
    public const int ECONNABORTED = 103;
    public const int ENOBUFS = 105;
    public const int EISCONN = 106;
    public const int EINPROGRESS = 115;
    public const int ESTALE = 116;
    public const int ECANCELED = 125;

    /// <summary>How often in a row accepting can fail for what <see cref="IsOfArrival"/> means: as many connections as a queue has places by
    /// default (net.core.somaxconn). If there are more, it is something else that says the same, as a sandbox does, and goes on saying so.</summary>
    public const int MostArrivals = 4096;

    /// <summary>
    /// Whether accepting failed because of the connection that was to be accepted, and not of the socket that listens: the
    /// kernel passes on what has become of it meanwhile. The next one can be accepted.
    /// </summary>
    public static bool IsOfArrival(int number) => number
        is ECONNABORTED
        or EPERM // a firewall
        or 71 // EPROTO
        or 64 // ENONET
        or 92 // ENOPROTOOPT
        or 100 // ENETDOWN
        or 101 // ENETUNREACH
        or 112 // EHOSTDOWN
        or 113; // EHOSTUNREACH

    /// <summary>The exception for an error of a socket.</summary>
    /// <param name="number">The error number.</param>
    /// <param name="what">What failed.</param>
    public static SocketException Exception(int number, string what)
    {
        var error = SocketErrorOf(number);
        return new SocketException((int)error, $"{what}: {TextOf(number)}");
    }

    /// <summary>The exception for an error of a pipe or file.</summary>
    /// <param name="number">The error number.</param>
    /// <param name="what">What failed.</param>
    public static IOException FileException(int number, string what) => new($"{what}: {TextOf(number)}");

    // The C library looks for a translation each time, which takes longer than all else that an aborted connection costs.
    private static string TextOf(int number) =>
        (uint)number < (uint)s_texts.Length ? s_texts[number] ??= Marshal.GetPInvokeErrorMessage(number) : Marshal.GetPInvokeErrorMessage(number);

    /// <summary>.NET's name for an error.</summary>
    public static SocketError SocketErrorOf(int number) => number switch
    {
        EPERM or EACCES => SocketError.AccessDenied,
        EAGAIN => SocketError.WouldBlock,
        EINVAL => SocketError.InvalidArgument,
        ENFILE or EMFILE => SocketError.TooManyOpenSockets,
        32 => SocketError.Shutdown, // EPIPE
        88 => SocketError.NotSocket,
        90 => SocketError.MessageSize,
        97 => SocketError.AddressFamilyNotSupported,
        98 => SocketError.AddressAlreadyInUse,
        99 or ENOENT => SocketError.AddressNotAvailable,
        100 => SocketError.NetworkDown,
        101 => SocketError.NetworkUnreachable,
        ECONNABORTED => SocketError.ConnectionAborted,
        104 => SocketError.ConnectionReset,
        ENOBUFS or ENOMEM => SocketError.NoBufferSpaceAvailable,
        EISCONN => SocketError.IsConnected,
        107 => SocketError.NotConnected,
        110 => SocketError.TimedOut,
        111 => SocketError.ConnectionRefused,
        112 => SocketError.HostDown,
        113 => SocketError.HostUnreachable,
        114 => SocketError.AlreadyInProgress,
        EINPROGRESS => SocketError.InProgress,
        _ => SocketError.SocketError,
    };
}
