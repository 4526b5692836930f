namespace AsyncioSharp.LowLevel;

// The end: this side says that it ends, the peer says the same, and the transport is closed.
internal sealed partial class TlsProtocol
{
    private TimerHandle _shutdownTimer;

    // Through the protocol above, which may be one of this kind.
    internal override void Close(Transport transport)
    {
        if (_transport is not null)
            Application.Close(_transport);
        else if (_carrier is not null)
            Close();
        else
            transport.Close(); // accepted a moment ago: that is not told yet
    }

    public void Close()
    {
        _loop.CheckThread();
        _state &= ~TlsState.EndedByPeer; // the program says itself that this was all; it knows if something was refused before
        if ((_state & (TlsState.EndingAfterPeer | TlsState.Lost)) == TlsState.EndingAfterPeer)
        {
            _state &= ~TlsState.Unannounced;
            EndNow();
            return;
        }
        if ((_state & (TlsState.Closing | TlsState.Lost)) != 0)
            return;
        _state |= TlsState.Closing;
        if ((_state & TlsState.Connected) == 0)
        {
            _carrier.Abort();
            return;
        }
        if (!TryAnnounceEnd())
            return;
        if ((_state & TlsState.EofReceived) != 0)
        {
            EndShutdown();
            return;
        }
        _shutdownTimer = _loop.CallLater(_options.ShutdownTimeout, static layer => layer.ShutdownTimedOut(), this);
        _carrier.ResumeReading(); // to find the peer's end; what comes before that is dropped
        PumpLater();
    }

    public void Abort(Exception? failure)
    {
        _loop.CheckThread();
        _failure ??= failure;
        if (failure is null)
            _state &= ~TlsState.EndedByPeer; // by the program: see Close
        _state |= TlsState.Closing;
        _carrier.Abort();
    }

    public override void ConnectionLost(Exception? exception)
    {
        if ((_state & TlsState.Lost) != 0)
            return;
        _state |= TlsState.Lost;
        _handshakeTimer.Cancel();
        _shutdownTimer.Cancel();
        _failure ??= exception;
        _cipher.FeedEnd();
        if (IsCut)
            _failure ??= CutException();
        if (KnowsOfConnection)
        {
            try
            {
                Application.ConnectionLost(_failure);
            }
            catch (Exception e)
            {
                Report("ConnectionLost failed", e);
            }
        }
        if ((_state & TlsState.Connected) == 0)
            return; // the end of the handshake tells whoever waits, and disposes of what is left
        Ssl.Dispose();
    }

    private bool TryAnnounceEnd()
    {
        try
        {
            using (new NoSynchronization())
                Ssl.ShutdownAsync().GetAwaiter().GetResult(); // only writes, which never waits
            return true;
        }
        catch (Exception e)
        {
            Abort(e);
            return false;
        }
    }

    private void ShutdownTimedOut() => Abort(new TimeoutException(
        $"The peer did not end its side of the TLS connection within {_options.ShutdownTimeout.TotalSeconds:0.###} s; the connection is aborted."));

    private void EndShutdown()
    {
        _shutdownTimer.Cancel();
        _carrier.Close();
    }
}
