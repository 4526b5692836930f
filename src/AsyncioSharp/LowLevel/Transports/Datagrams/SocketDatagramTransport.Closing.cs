namespace AsyncioSharp.LowLevel;

internal abstract partial class SocketDatagramTransport : ITransportLifetime
{
    EventLoop ITransportLifetime.Loop => Loop;

    BaseProtocol ITransportLifetime.Protocol => _protocol;

    ref TransportLifetime ITransportLifetime.Lifetime => ref _lifetime;

    bool ITransportLifetime.IsSending => !Backlog.IsEmpty;

    public sealed override void Close()
    {
        Loop.CheckThread();
        SendGathered();
        TransportLifetime.Close(this);
    }

    public sealed override void Abort()
    {
        Loop.CheckThread();
        SendGathered(); // as would have been done at once
        ForceClose(null);
    }

    /// <summary>The loop closes: the socket is given back, and nobody called.</summary>
    public void OnLoopClosing() => TransportLifetime.Abandon(this);

    void ITransportLifetime.TellMade() => _protocol.ConnectionMade(this);

    void ITransportLifetime.DropUnsent() => Backlog.Clear(IsFrontLent);

    void ITransportLifetime.OnLost() => _flush.Cancel();

    void ITransportLifetime.Release() => Release();

    void ITransportLifetime.OnEnded()
    {
    }

    /// <summary>Tells the protocol that the endpoint is ready. Called once, in the transport's first turn.</summary>
    private protected void Begin() => TransportLifetime.Begin(this);

    /// <summary>Closes the socket. Called once.</summary>
    private protected abstract void Release();

    /// <summary>Ends the endpoint; what was not sent is dropped.</summary>
    /// <param name="reason">What the protocol is told.</param>
    private protected void ForceClose(Exception? reason) => TransportLifetime.ForceClose(this, reason);

    private void Lose() => TransportLifetime.Lose(this, null);
}
