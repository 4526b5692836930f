namespace AsyncioSharp.LowLevel;

/// <summary>
/// The beginning and the end of every transport of a loop. At the end the protocol is told in a turn of its own, whatever the
/// reason, and the connection given back after that.
/// </summary>
/// <param name="made">To be completed when the protocol was told of the beginning.</param>
internal struct TransportLifetime(Future<bool>? made)
{
    public TransportState State = TransportState.Starting;

    public Future<bool>? Made = made;

    /// <summary>Why it has ended.</summary>
    public Exception? Reason;

    /// <summary>Tells the protocol of the beginning. Called once, in the transport's first turn.</summary>
    public static void Begin(ITransportLifetime transport)
    {
        transport.Lifetime.State &= ~TransportState.Starting;
        transport.Loop.Counters.TransportsOpened++;
        var made = transport.Lifetime.Made;
        transport.Lifetime.Made = null;
        try
        {
            transport.TellMade();
        }
        catch (Exception e)
        {
            if (made is null || !made.TrySetException(e))
                Report(transport, "ConnectionMade failed", e);
            ForceClose(transport, e);
            return;
        }
        made?.TrySetResult(true);
    }

    /// <summary>Ends it once everything was sent.</summary>
    public static void Close(ITransportLifetime transport)
    {
        transport.Loop.CheckThread();
        if ((transport.Lifetime.State & TransportState.Closing) != 0)
            return;
        transport.Lifetime.State |= TransportState.Closing;
        if (!transport.IsSending && transport.TryFinish())
            Lose(transport, null);
    }

    /// <summary>Ends it; what was not sent is dropped.</summary>
    /// <param name="transport">The transport.</param>
    /// <param name="reason">What the protocol is told.</param>
    public static void ForceClose(ITransportLifetime transport, Exception? reason)
    {
        if ((transport.Lifetime.State & TransportState.Lost) != 0)
            return;
        transport.DropUnsent();
        transport.Lifetime.State |= TransportState.Closing;
        Lose(transport, reason);
    }

    /// <summary>It has ended. Called once.</summary>
    public static void Lose(ITransportLifetime transport, Exception? reason)
    {
        transport.Lifetime.State |= TransportState.Lost;
        transport.Lifetime.Reason = reason;
        transport.OnLost();
        transport.Loop.CallSoon(static transport => Finish(transport), transport);
    }

    /// <summary>The loop closes: it is given back, and its protocol not told of an end, but of that.</summary>
    public static void Abandon(ITransportLifetime transport)
    {
        if ((transport.Lifetime.State & TransportState.Finished) != 0)
            return;
        if (!EndsWithLoop(transport) && (transport.Lifetime.State & TransportState.Closing) == 0)
            transport.Loop.ReportNeverClosed(transport);
        transport.Lifetime.State |= TransportState.Closing | TransportState.Lost;
        GiveBack(transport);
    }

    /// <summary>It is none of its loop's any more, for metrics, traces and events.</summary>
    public static void CountEnd(ITransportLifetime transport)
    {
        if ((transport.Lifetime.State & TransportState.Starting) != 0)
            return;
        transport.Loop.Counters.TransportsClosed++;
        transport.NoteEnd();
    }

    private static bool EndsWithLoop(ITransportLifetime transport)
    {
        try
        {
            return transport.Protocol.EndsWithLoop();
        }
        catch (Exception e)
        {
            Report(transport, "EndsWithLoop failed", e);
            return true; // the loop has to close, and with it what comes after this one
        }
    }

    private static void Finish(ITransportLifetime transport)
    {
        if ((transport.Lifetime.State & TransportState.Finished) != 0)
            return;
        try
        {
            transport.Protocol.ConnectionLost(transport.Lifetime.Reason);
        }
        catch (Exception e)
        {
            Report(transport, "ConnectionLost failed", e);
        }
        GiveBack(transport);
        transport.OnEnded();
    }

    private static void GiveBack(ITransportLifetime transport)
    {
        if ((transport.Lifetime.State & TransportState.Finished) != 0)
            return;
        CountEnd(transport);
        transport.Lifetime.State |= TransportState.Finished;
        transport.DropUnsent();
        transport.Release();
    }

    private static void Report(ITransportLifetime transport, string what, Exception exception) =>
        transport.Loop.ReportProtocol(transport.Protocol, what, exception, transport);
}
