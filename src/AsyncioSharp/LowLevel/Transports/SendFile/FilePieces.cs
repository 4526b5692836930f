namespace AsyncioSharp.LowLevel;

/// <summary>The pieces in which the system sends a file, and when others have their turn meanwhile.</summary>
internal static class FilePieces
{
    // As long as the peer keeps up, the system sends whatever it is asked for in one call, and nobody else has a turn. Smaller pieces
    // cost more processor time; larger ones are no faster, and where the system paces what it sends (BBR) slower by a third.
    private const int Size = 512 * 1024;

    /// <summary>Sends a file. Its position is behind what was sent in the end, also if that fails or is cancelled.</summary>
    /// <param name="target">What on.</param>
    /// <param name="file">The file.</param>
    /// <param name="offset">From where in the file.</param>
    /// <param name="count">How many bytes at most; null for all.</param>
    /// <returns>How many bytes were sent.</returns>
    /// <exception cref="SendfileNotAvailableException">The system cannot; nothing was sent.</exception>
    /// <exception cref="IOException">It could no longer in the middle.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The connection is lost.</exception>
    public static async Coroutine<long> SendAsync(IFileTarget target, FileStream file, long offset, long? count)
    {
        var sent = 0L;
        var sinceTurn = 0L;
        try
        {
            while (count is null || sent < count)
            {
                var step = target.SendNow(file, offset + sent, Math.Min(Size, (count - sent) ?? Size));
                if (step == 0)
                    break;
                if (step < 0)
                {
                    await target.WaitForRoomAsync();
                    sinceTurn = 0;
                    continue;
                }
                sent += step;
                sinceTurn += step;
                if (sinceTurn < Size || sent == count) // complete, it is not cancelled any more
                    continue;
                // The system may have taken little at a time, and never have had to wait: input and output of others is looked at, too.
                sinceTurn = 0;
                target.Loop.PollSoon();
                await Coroutine.Yield();
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
}
