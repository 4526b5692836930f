using System.Buffers;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    private const int SendFileBufferSize = 64 * 1024;

    /// <summary>Sends a file on a connection (<c>loop.sendfile()</c>), by the system itself where it can. It comes after what was
    /// written before.</summary>
    /// <param name="transport">The connection. Until the end nothing is received on it, and the protocol should write
    /// nothing; where the system itself sends, it cannot.</param>
    /// <param name="file">The file, or any stream that can be read. Its position is behind what was sent in the end, also if
    /// sending failed or was cancelled.</param>
    /// <param name="offset">From where in the file.</param>
    /// <param name="count">How many bytes at most; null for all.</param>
    /// <param name="fallback">Whether it is read and written in pieces if the system cannot send it.</param>
    /// <returns>How many bytes were sent.</returns>
    /// <remarks>If it is cancelled, the connection goes on behind what was sent until then. Closing the transport meanwhile
    /// lets the system finish what it sends by itself; what is sent in pieces fails then, and so does all if it is aborted.</remarks>
    /// <exception cref="ArgumentException">The file cannot be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The offset is negative, or the count not positive.</exception>
    /// <exception cref="InvalidOperationException">The transport is closing, which it also is once its peer has reset it, or has written
    /// its end (both are told at the call), or sends a file already.</exception>
    /// <exception cref="SendfileNotAvailableException">The system cannot send it, and <paramref name="fallback"/> is
    /// false.</exception>
    /// <exception cref="SocketException">The connection was lost.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public Coroutine<long> SendFileAsync(Transport transport, Stream file, long offset = 0, long? count = null, bool fallback = true)
    {
        ArgumentNullException.ThrowIfNull(transport);
        CheckSendFile(file, offset, count);
        CheckTakesFile(transport);
        return SendFileOnAsync(transport, file, offset, count, fallback);
    }

    /// <summary>Sends a file on a socket (<c>loop.sock_sendfile()</c>), by the system itself where it can.</summary>
    /// <param name="socket">A connected stream socket. It remains yours. Loops that need it make it non-blocking.</param>
    /// <param name="file">The file, or any stream that can be read. Its position is behind what was sent in the end, also if
    /// sending failed or was cancelled.</param>
    /// <param name="offset">From where in the file.</param>
    /// <param name="count">How many bytes at most; null for all.</param>
    /// <param name="fallback">Whether it is read and sent in pieces if the system cannot send it.</param>
    /// <returns>How many bytes were sent.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The offset is negative, or the count not positive.</exception>
    /// <exception cref="ArgumentException">It is not a stream socket.</exception>
    /// <exception cref="InvalidOperationException">The socket belongs to a transport, or another task sends to it.</exception>
    /// <exception cref="SendfileNotAvailableException">The system cannot send it, and <paramref name="fallback"/> is
    /// false.</exception>
    /// <exception cref="SocketException">The connection was lost.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public Coroutine<long> SockSendFileAsync(Socket socket, Stream file, long offset = 0, long? count = null, bool fallback = true)
    {
        CheckSocket(socket);
        CheckStream(socket, nameof(socket));
        CheckSendFile(file, offset, count);
        return SendFileOnSocketAsync(socket, file, offset, count, fallback);
    }

    /// <summary>Has the system send a file on a socket.</summary>
    /// <exception cref="SendfileNotAvailableException">It cannot; nothing was sent.</exception>
    private protected virtual Coroutine<long> SendFileNativelyAsync(Socket socket, FileStream file, long offset, long? count) =>
        Coroutine.FromException<long>(
            new SendfileNotAvailableException($"{GetType().Name} has no sendfile. Leave the fallback on to have the file sent in pieces."));

    private async Coroutine<long> SendFileOnSocketAsync(Socket socket, Stream file, long offset, long? count, bool fallback)
    {
        try
        {
            return await SendFileNativelyAsync(socket, Regular(file), offset, count);
        }
        catch (SendfileNotAvailableException) when (fallback)
        {
        }
        return await SendPiecesAsync(file, offset, count, piece => SendAllAsync(socket, piece));
    }

    private static async Coroutine<long> SendFileOnAsync(Transport transport, Stream file, long offset, long? count, bool fallback)
    {
        CheckTakesFile(transport); // a coroutine may be awaited later than it was made
        if (transport.GetProtocol() is SendFileProtocol)
            throw SendsFileAlready(); // in pieces, between which this one would come
        try
        {
            if (!transport.SendsFiles)
            {
                throw new SendfileNotAvailableException(
                    $"The system cannot send files on {transport}. Leave the fallback on to have the file sent in pieces.");
            }
            return await transport.SendFileAsync(Regular(file), offset, count);
        }
        catch (SendfileNotAvailableException) when (fallback)
        {
        }
        using var sending = new SendFileProtocol(transport);
        return await SendPiecesAsync(file, offset, count, sending.WriteAsync);
    }

    private static async Coroutine<long> SendPiecesAsync(Stream file, long offset, long? count, Func<ReadOnlyMemory<byte>, Coroutine> send)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(SendFileBufferSize);
        var sent = 0L;
        if (file.CanSeek)
            file.Position = offset;
        try
        {
            while (count is null || sent < count)
            {
                var room = (int)Math.Min(buffer.Length, (count - sent) ?? long.MaxValue);
                var read = await file.ReadAsync(buffer.AsMemory(0, room), RunningTask.Token);
                if (read == 0)
                    break;
                await send(buffer.AsMemory(0, read));
                sent += read;
            }
            ArrayPool<byte>.Shared.Return(buffer); // not after a failure: somebody may still use it
            return sent;
        }
        finally
        {
            if (file.CanSeek)
                file.Position = offset + sent;
        }
    }

    private static void CheckTakesFile(Transport transport)
    {
        if (transport.IsClosing)
            throw new InvalidOperationException("The transport is closing: no file can be sent on it.");
        if (transport.HasWrittenEof)
            throw new InvalidOperationException("WriteEof was called: no file can be sent after the end.");
    }

    internal static InvalidOperationException SendsFileAlready() => new("A file is being sent on this connection already. Await that first.");

    // What the system can send: a file that has a place for each byte.
    private static FileStream Regular(Stream file) => file is FileStream { CanSeek: true } regular ? regular
        : throw new SendfileNotAvailableException(
            $"The system sends regular files only, as {nameof(FileStream)}, not a {file.GetType().Name}. " +
            "Leave the fallback on to have it sent in pieces.");

    private void CheckSendFile(Stream file, long offset, long? count)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (count is { } limit)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit, nameof(count));
        if (!file.CanRead)
            throw new ArgumentException("The file cannot be read: it was opened for writing only, or is closed.", nameof(file));
        CheckSchedule();
    }
}
