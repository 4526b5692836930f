namespace AsyncioSharp.LowLevel;

internal abstract partial class StreamTransport : ITransportLifetime
{
    EventLoop ITransportLifetime.Loop => Loop;

    BaseProtocol ITransportLifetime.Protocol => _protocol;

    ref TransportLifetime ITransportLifetime.Lifetime => ref _lifetime;

    bool ITransportLifetime.IsSending => !Backlog.IsEmpty || (State & TransportState.SendingFile) != 0;

    bool ITransportLifetime.TryFinish() => TryFinish();

    public sealed override void Close()
    {
        Loop.CheckThread();
        SendGathered();
        TransportLifetime.Close(this);
    }

    public sealed override void Abort()
    {
        Loop.CheckThread();
        ForceClose(null);
    }

    /// <summary>The loop closes: the connection is given back, and nobody called.</summary>
    public void OnLoopClosing() => TransportLifetime.Abandon(this);

    void ITransportLifetime.TellMade()
    {
        NoteOpened();
        try
        {
            _protocol.ConnectionMade(this);
        }
        catch
        {
            SendGathered();
            throw;
        }
        finally
        {
            LeaveActivity();
        }
    }

    void ITransportLifetime.NoteEnd() => NoteClosed();

    void ITransportLifetime.DropUnsent()
    {
        Backlog.Clear();
        Loop.Gathered.Drop(this);
    }

    void ITransportLifetime.OnLost() => ContinueFile(); // to fail

    void ITransportLifetime.Release() => Release();

    void ITransportLifetime.OnEnded() => _server?.Detach(this);

    /// <summary>Tells the protocol of the connection. Called once, in the transport's first turn.</summary>
    private protected void Begin()
    {
        TransportLifetime.Begin(this);
        if (!_early.IsEmpty)
            DeliverEarly();
    }

    /// <summary>Everything was sent, and the connection is to be closed. Does what remains to be done before it is lost.</summary>
    /// <returns>False if that takes time; <see cref="Lose"/> is called then when it is done.</returns>
    private protected virtual bool TryFinish() => true;

    /// <summary>Closes the socket, or whatever the connection is made of. Called once, when nothing more is to happen.</summary>
    private protected abstract void Release();

    /// <summary>Ends the connection; what was not sent is dropped, but for what nobody has tried to send yet.</summary>
    /// <param name="reason">What the protocol is told.</param>
    private protected void ForceClose(Exception? reason)
    {
        SendGathered();
        TransportLifetime.ForceClose(this, reason);
    }

    /// <summary>It is closed: everything was sent, and nothing remains to be done.</summary>
    private protected void Lose() => TransportLifetime.Lose(this, null);

    private void LoseWhenFinished()
    {
        if (TryFinish())
            Lose();
    }
}
