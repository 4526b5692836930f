using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

// A file that the system sends goes past the write buffer: it begins when that is empty, and nothing is written before it
// has ended.
internal abstract partial class StreamTransport
{
    private ReadyWait? _fileWait;

    internal sealed override bool IsWritingPaused => _flow.IsPaused;

    internal sealed override bool HasWrittenEof => (State & TransportState.EofWritten) != 0;

    internal sealed override async Coroutine<long> SendFileAsync(FileStream file, long offset, long? count)
    {
        if ((State & TransportState.SendingFile) != 0)
            throw new InvalidOperationException("A file is sent on this connection already. Wait for it.");
        var wasReading = IsReading;
        var sent = 0L;
        var pieces = default(FilePieces);
        State |= TransportState.SendingFile;
        PauseReading();
        try
        {
            while (!Backlog.IsEmpty)
                await WaitForRoomAsync();
            while (count is null || sent < count)
            {
                CheckNotLost();
                var step = SendFileNow(file, offset + sent, FilePieces.Limit(count - sent));
                if (step == 0)
                    break;
                if (step < 0)
                {
                    await WaitForRoomAsync();
                    pieces.Waited();
                    continue;
                }
                sent += step;
                Loop.Counters.BytesSent += step;
                if (pieces.IsTurnDue(step) && sent != count) // complete, it is not cancelled any more
                    await FilePieces.GiveTurnAsync(Loop);
            }
            return sent;
        }
        catch (SendfileNotAvailableException e) when (sent > 0)
        {
            throw new IOException("The system has stopped sending the file.", e);
        }
        catch (SocketException e) when ((State & TransportState.Lost) == 0)
        {
            ForceClose(e);
            throw;
        }
        finally
        {
            EndFile(wasReading);
            if (sent > 0)
                file.Position = offset + sent;
        }
    }

    /// <summary>Has the system send a part of a file, as much as it takes at once.</summary>
    /// <returns>How many bytes; 0 at the file's end; -1 if there is no room.</returns>
    /// <exception cref="SendfileNotAvailableException">It cannot.</exception>
    /// <exception cref="SocketException">The connection is lost.</exception>
    private protected virtual long SendFileNow(FileStream file, long offset, long count) => throw new SendfileNotAvailableException();

    /// <summary>There is room, or the connection is lost: sending a file goes on.</summary>
    private protected void ContinueFile() => _fileWait?.Wake();

    private async Coroutine WaitForRoomAsync()
    {
        CheckNotLost();
        await (_fileWait ??= new ReadyWait()).WaitAsync();
        CheckNotLost();
    }

    private void CheckNotLost()
    {
        if ((State & TransportState.Lost) != 0)
            throw _reason as SocketException ?? SocketErrors.Exception(SocketError.ConnectionAborted, "The connection was closed meanwhile");
    }

    private void EndFile(bool wasReading)
    {
        State &= ~TransportState.SendingFile;
        _fileWait = null;
        if ((State & TransportState.Lost) != 0)
            return;
        if (IsClosing)
        {
            if (Backlog.IsEmpty)
                LoseWhenFinished(); // it was closed meanwhile, which waited for the file
        }
        else if (wasReading)
        {
            ResumeReading();
        }
    }
}
