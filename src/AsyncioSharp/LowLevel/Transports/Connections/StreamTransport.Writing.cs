using Microsoft.Extensions.Logging;

namespace AsyncioSharp.LowLevel;

internal abstract partial class StreamTransport
{
    private const int DropsUntilReport = 5;

    /// <summary>What the system did not take yet.</summary>
    private protected WriteBacklog Backlog;

    private WriteFlow _flow = new();
    private int _drops;

    public sealed override int WriteBufferSize => Backlog.Length + Loop.Gathered.LengthOf(this);

    public sealed override WriteBufferLimits WriteBufferLimits => _flow.Limits;

    public sealed override void SetWriteBufferLimits(int? high = null, int? low = null)
    {
        Loop.CheckThread();
        SendGathered(); // as the new marks may let less wait
        _flow.SetLimits(high, low);
        _flow.PauseIfFull(Backlog.Length, Loop, _protocol, this);
    }

    public override void Write(ReadOnlySpan<byte> data)
    {
        Loop.CheckThread();
        if (Loop.Gathered.TryAppend(this, data)) // nothing is kept then, nor was it closed: both send what was gathered before
            return;
        if ((State & TransportState.NotWriting) != 0)
            WriteTooLate();
        else if (data.IsEmpty)
            return;
        else if (!Backlog.IsEmpty)
            Keep(data);
        else if (!Loop.IsOnThread || !Loop.Gathered.TryAdd(this, data, _flow.Limits.High))
            WriteAtOnce(data);
    }

    public sealed override void Flush()
    {
        Loop.CheckThread();
        SendGathered();
    }

    /// <summary>Gives data to the system, and keeps what that does not take. Only while nothing is kept.</summary>
    internal abstract void SendNow(ReadOnlySpan<byte> data);

    public override void WriteEof()
    {
        Loop.CheckThread();
        SendGathered();
        if ((State & TransportState.SendingFile) != 0)
            throw SendsFile();
        if ((State & TransportState.NotWriting) != 0)
            return;
        State |= TransportState.EofWritten;
        if (Backlog.IsEmpty)
            EndSending();
    }

    /// <summary>Ends this side. That it fails is not told: the connection is lost then, which reading tells.</summary>
    private protected abstract void EndSending();

    /// <summary>Keeps what the system does not take now.</summary>
    private protected void Keep(ReadOnlySpan<byte> data)
    {
        Backlog.Append(data);
        _flow.PauseIfFull(Backlog.Length, Loop, _protocol, this);
    }

    /// <summary>Something of the backlog was sent: the protocol may go on, and what waited for the last byte happens.</summary>
    private protected void OnSent()
    {
        var ends = (State & TransportState.EofWritten) != 0; // what the protocol ends in there has ended already
        _flow.ResumeIfDrained(Backlog.Length, Loop, _protocol, this); // which may write, or close
        if (!Backlog.IsEmpty || (State & TransportState.Lost) != 0)
            return;
        if (ends && !IsClosing)
            EndSending(); // also before it is moved: nobody would do it where it goes
        if ((State & TransportState.SendingFile) != 0)
            ContinueFile();
        else if (IsClosing)
            LoseWhenFinished();
    }

    /// <summary>Whether what is written goes to the system, and not behind what is kept, or nowhere.</summary>
    internal bool SendsAtOnce => Backlog.IsEmpty && (State & TransportState.NotWriting) == 0;

    private void WriteAtOnce(ReadOnlySpan<byte> data)
    {
        if (!SendGathered() && SendsAtOnce)
            SendNow(data);
        else
            Write(data); // as sending, there or before with others, may have ended the connection, or filled it
    }

    // What was gathered of small pieces. Whether there was something.
    private bool SendGathered()
    {
        if (Loop.Gathered.LengthOf(this) == 0)
            return false;
        Loop.Gathered.Send();
        return true;
    }

    /// <summary>Data is written after the end.</summary>
    private protected void WriteTooLate()
    {
        if ((State & TransportState.SendingFile) != 0 && !IsClosing)
            throw SendsFile();
        if ((State & TransportState.EofWritten) != 0)
            throw new InvalidOperationException("WriteEof was called: nothing can be written after the end.");
        if (++_drops == DropsUntilReport && Loop.Debug)
        {
            Loop.Report(LogLevel.Warning, $"Data is written to {this}, which is closed: it is dropped. " +
                "Look at IsClosing, or await DrainAsync, which throws.", kind: ReportKind.DataDropped);
        }
    }

    private static InvalidOperationException SendsFile() =>
        new("A file is being sent on this connection, or it is being moved: nothing can be written before that has ended. " +
            "Await SendFileAsync, or DetachAsync.");
}
