namespace AsyncioSharp.LowLevel;

internal abstract partial class SocketDatagramTransport : ITransportEnds
{
    private Exception? _reason;

    EventLoop ITransportEnds.Loop => Loop;

    BaseProtocol ITransportEnds.Told => _protocol;

    ref TransportState ITransportEnds.State => ref State;

    ref Future<bool>? ITransportEnds.Made => ref _made;

    ref Exception? ITransportEnds.Reason => ref _reason;

    bool ITransportEnds.IsSending => !Backlog.IsEmpty;

    public sealed override void Close()
    {
        Loop.CheckThread();
        SendGathered();
        TransportEnds.Close(this);
    }

    public sealed override void Abort()
    {
        Loop.CheckThread();
        SendGathered(); // as would have been done at once
        ForceClose(null);
    }

    /// <summary>The loop closes: the socket is given back, and nobody called.</summary>
    public void OnLoopClosing() => TransportEnds.Abandon(this);

    void ITransportEnds.TellMade() => _protocol.ConnectionMade(this);

    void ITransportEnds.DropUnsent() => Backlog.Clear(IsFrontLent);

    void ITransportEnds.OnLost() => _flush.Cancel();

    void ITransportEnds.Release() => Release();

    void ITransportEnds.OnEnded()
    {
    }

    /// <summary>Tells the protocol that the endpoint is ready. Called once, in the transport's first turn.</summary>
    private protected void Begin() => TransportEnds.Begin(this);

    /// <summary>Closes the socket. Called once.</summary>
    private protected abstract void Release();

    /// <summary>Ends the endpoint; what was not sent is dropped.</summary>
    /// <param name="reason">What the protocol is told.</param>
    private protected void ForceClose(Exception? reason) => TransportEnds.ForceClose(this, reason);

    private void Lose() => TransportEnds.Lose(this, null);
}
