namespace AsyncioSharp.LowLevel;

// The end: the protocol is told in a turn of its own, whatever the reason, and the socket closed after that.
internal sealed partial class EpollTransport
{
    private Exception? _reason;

    public override void Close()
    {
        _loop.CheckThread();
        if (IsClosing)
            return;
        _state |= TransportState.Closing;
        if (_backlog.IsEmpty)
            Lose(null);
    }

    public override void Abort()
    {
        _loop.CheckThread();
        ForceClose(null);
    }

    public void OnLoopClosing()
    {
        _state |= TransportState.Closing | TransportState.Lost;
        GiveBack();
    }

    private void ForceClose(Exception? reason)
    {
        if ((_state & TransportState.Lost) != 0)
            return;
        _backlog.Clear();
        _state |= TransportState.Closing;
        Lose(reason);
    }

    private void Lose(Exception? reason)
    {
        _state |= TransportState.Lost;
        _reason = reason;
        _loop.CallSoon(static transport => transport.Finish(), this);
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
        _state |= TransportState.Finished;
        _backlog.Clear();
        _loop.Poller.Remove(_watch);
        _socket.Close();
    }
}
