using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

// A file that the system sends goes past the write buffer: it begins when that is empty, and nothing is written before it
// has ended.
internal abstract partial class StreamTransport : IFileTarget
{
    private ReadyWait? _fileWait;

    internal sealed override bool IsWritingPaused => _flow.IsPaused;

    internal sealed override bool HasWrittenEof => (State & TransportState.EofWritten) != 0;

    internal sealed override async Coroutine<long> SendFileAsync(FileStream file, long offset, long? count)
    {
        if ((State & TransportState.SendingFile) != 0)
            throw EventLoop.SendsFileAlready();
        SendGathered();
        State |= TransportState.SendingFile;
        HoldReading();
        try
        {
            while (!Backlog.IsEmpty)
                await WaitForRoomAsync();
            return await FilePieces.SendAsync(this, file, offset, count);
        }
        catch (SocketException e) when ((State & TransportState.Lost) == 0)
        {
            ForceClose(e);
            throw;
        }
        finally
        {
            EndFile();
        }
    }

    EventLoop IFileTarget.Loop => Loop;

    long IFileTarget.SendNow(FileStream file, long offset, long count)
    {
        CheckNotLost();
        var sent = SendFileNow(file, offset, count);
        Loop.Counters.BytesSent += Math.Max(sent, 0);
        return sent;
    }

    Coroutine IFileTarget.WaitForRoomAsync() => WaitForRoomAsync();

    /// <inheritdoc cref="IFileTarget.SendNow"/>
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
            throw _lifetime.Reason as SocketException ?? SocketErrors.Exception(SocketError.ConnectionAborted, "The connection was closed meanwhile");
    }

    private void EndFile()
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
        else
        {
            LetReadingGoOn();
        }
    }
}
