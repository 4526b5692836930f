namespace AsyncioSharp.LowLevel;

/// <summary>What <see cref="Libc.SendFile"/> returned, as those who call it want it.</summary>
internal static class SendFileResult
{
    /// <summary>How many bytes were sent; less than none if there is no room.</summary>
    /// <param name="result">A number of bytes, or an error number, negated.</param>
    /// <exception cref="SendfileNotAvailableException">The kernel cannot send this file on this socket.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The connection is lost.</exception>
    public static long Check(long result) => result switch
    {
        >= 0 => result,
        -Errno.EAGAIN => -1,
        -Errno.EINVAL or -Errno.ENOSYS or -Errno.EOPNOTSUPP => throw new SendfileNotAvailableException(
            "The system cannot send this file by itself.", Errno.FileException((int)-result, "sendfile failed")),
        -Errno.EIO or -Errno.ESTALE or -Errno.EOVERFLOW => throw Errno.FileException((int)-result, "The file cannot be read"), // no socket says so
        _ => throw Errno.Exception((int)-result, "Sending failed"),
    };
}
