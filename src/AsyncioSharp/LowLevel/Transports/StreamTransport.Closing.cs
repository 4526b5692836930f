namespace AsyncioSharp.LowLevel;

// The end: the protocol is told in a turn of its own, whatever the reason, and the connection given back after that.
internal abstract partial class StreamTransport
{
    private Exception? _reason;

    public sealed override void Close()
    {
        Loop.CheckThread();
        if (IsClosing)
            return;
        State |= TransportState.Closing;
        if (Backlog.IsEmpty && (State & TransportState.SendingFile) == 0)
            Lose(null);
    }

    public sealed override void Abort()
    {
        Loop.CheckThread();
        ForceClose(null);
    }

    /// <summary>The loop closes: the connection is given back, and nobody called.</summary>
    public void OnLoopClosing()
    {
        if (!IsClosing)
            Loop.ReportNeverClosed(this);
        State |= TransportState.Closing | TransportState.Lost;
        GiveBack();
    }

    /// <summary>Closes the socket, or whatever the connection is made of. Called once, when nothing more is to happen.</summary>
    private protected abstract void Release();

    /// <summary>Ends the connection; what was not sent is dropped.</summary>
    /// <param name="reason">What the protocol is told.</param>
    private protected void ForceClose(Exception? reason)
    {
        if ((State & TransportState.Lost) != 0)
            return;
        Backlog.Clear();
        State |= TransportState.Closing;
        Lose(reason);
    }

    private void Lose(Exception? reason)
    {
        State |= TransportState.Lost;
        _reason = reason;
        ContinueFile(); // to fail
        Loop.CallSoon(static transport => transport.Finish(), this);
    }

    private void Finish()
    {
        if (IsFinished)
            return;
        try
        {
            _protocol.ConnectionLost(_reason);
        }
        catch (Exception e)
        {
            Report("ConnectionLost failed", e);
        }
        GiveBack();
        _server?.Detach(this);
    }

    private void GiveBack()
    {
        if (IsFinished)
            return;
        State |= TransportState.Finished;
        Backlog.Clear();
        Release();
    }
}
