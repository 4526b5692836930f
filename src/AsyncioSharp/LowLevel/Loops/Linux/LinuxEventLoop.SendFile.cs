using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

public abstract partial class LinuxEventLoop
{
    private protected override async Coroutine<long> SendFileNativelyAsync(Socket socket, FileStream file, long offset, long? count)
    {
        MakeNonBlocking(socket);
        var sent = 0L;
        var pieces = default(FilePieces);
        try
        {
            while (count is null || sent < count)
            {
                var result = SendFile(socket, file, offset + sent, FilePieces.Limit(count - sent));
                if (result == -Errno.EAGAIN)
                {
                    await WaitWritableAsync(socket);
                    pieces.Waited();
                    continue;
                }
                if (SendFileResult.Check(result) == 0)
                    break;
                sent += result;
                if (pieces.IsTurnDue(result) && sent != count) // complete, it is not cancelled any more
                    await FilePieces.GiveTurnAsync(this);
            }
            return sent;
        }
        catch (SendfileNotAvailableException e) when (sent > 0)
        {
            throw new IOException("The system has stopped sending the file.", e);
        }
        finally
        {
            if (sent > 0)
                file.Position = offset + sent;
        }
    }

    private static long SendFile(Socket socket, FileStream file, long offset, long count)
    {
        using var descriptor = new HeldDescriptor(socket.SafeHandle);
        return Libc.SendFile(descriptor.Number, file.SafeFileHandle, offset, count);
    }
}
