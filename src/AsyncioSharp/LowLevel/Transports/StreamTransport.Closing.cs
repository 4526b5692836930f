namespace AsyncioSharp.LowLevel;

internal abstract partial class StreamTransport : ITransportEnds
{
    private Exception? _reason;

    EventLoop ITransportEnds.Loop => Loop;

    BaseProtocol ITransportEnds.Told => _protocol;

    ref TransportState ITransportEnds.State => ref State;

    ref Future<bool>? ITransportEnds.Made => ref _made;

    ref Exception? ITransportEnds.Reason => ref _reason;

    bool ITransportEnds.IsSending => !Backlog.IsEmpty || (State & TransportState.SendingFile) != 0;

    bool ITransportEnds.TryFinish() => TryFinish();

    public sealed override void Close() => TransportEnds.Close(this);

    public sealed override void Abort()
    {
        Loop.CheckThread();
        ForceClose(null);
    }

    /// <summary>The loop closes: the connection is given back, and nobody called.</summary>
    public void OnLoopClosing() => TransportEnds.Abandon(this);

    void ITransportEnds.TellMade()
    {
        NoteOpened();
        try
        {
            _protocol.ConnectionMade(this);
        }
        finally
        {
            LeaveActivity();
        }
    }

    void ITransportEnds.NoteEnd() => NoteClosed();

    void ITransportEnds.DropUnsent() => Backlog.Clear();

    void ITransportEnds.OnLost() => ContinueFile(); // to fail

    void ITransportEnds.Release() => Release();

    void ITransportEnds.OnEnded() => _server?.Detach(this);

    /// <summary>Tells the protocol of the connection. Called once, in the transport's first turn.</summary>
    private protected void Begin()
    {
        TransportEnds.Begin(this);
        if (!_early.IsEmpty)
            DeliverEarly();
    }

    /// <summary>Everything was sent, and the connection is to be closed. Does what remains to be done before it is lost.</summary>
    /// <returns>False if that takes time; <see cref="Lose"/> is called then when it is done.</returns>
    private protected virtual bool TryFinish() => true;

    /// <summary>Closes the socket, or whatever the connection is made of. Called once, when nothing more is to happen.</summary>
    private protected abstract void Release();

    /// <summary>Ends the connection; what was not sent is dropped.</summary>
    /// <param name="reason">What the protocol is told.</param>
    private protected void ForceClose(Exception? reason) => TransportEnds.ForceClose(this, reason);

    /// <summary>It is closed: everything was sent, and nothing remains to be done.</summary>
    private protected void Lose() => TransportEnds.Lose(this, null);

    private void LoseWhenFinished()
    {
        if (TryFinish())
            Lose();
    }
}
