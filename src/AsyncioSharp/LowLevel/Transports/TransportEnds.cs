namespace AsyncioSharp.LowLevel;

/// <summary>
/// The beginning and the end of every transport of a loop. At the end the protocol is told in a turn of its own, whatever the
/// reason, and the connection given back after that.
/// </summary>
internal static class TransportEnds
{
    /// <summary>Tells the protocol of the beginning. Called once, in the transport's first turn.</summary>
    public static void Begin(ITransportEnds transport)
    {
        transport.State &= ~TransportState.Starting;
        transport.Loop.Counters.TransportsOpened++;
        var made = transport.Made;
        transport.Made = null;
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
    public static void Close(ITransportEnds transport)
    {
        transport.Loop.CheckThread();
        if ((transport.State & TransportState.Closing) != 0)
            return;
        transport.State |= TransportState.Closing;
        if (!transport.IsSending && transport.TryFinish())
            Lose(transport, null);
    }

    /// <summary>Ends it; what was not sent is dropped.</summary>
    /// <param name="transport">The transport.</param>
    /// <param name="reason">What the protocol is told.</param>
    public static void ForceClose(ITransportEnds transport, Exception? reason)
    {
        if ((transport.State & TransportState.Lost) != 0)
            return;
        transport.DropUnsent();
        transport.State |= TransportState.Closing;
        Lose(transport, reason);
    }

    /// <summary>It has ended. Called once.</summary>
    public static void Lose(ITransportEnds transport, Exception? reason)
    {
        transport.State |= TransportState.Lost;
        transport.Reason = reason;
        transport.OnLost();
        transport.Loop.CallSoon(static transport => Finish(transport), transport);
    }

    /// <summary>The loop closes: it is given back, and its protocol not told of an end, but of that.</summary>
    public static void Abandon(ITransportEnds transport)
    {
        if ((transport.State & TransportState.Finished) != 0)
            return;
        if (!EndsWithLoop(transport) && (transport.State & TransportState.Closing) == 0)
            transport.Loop.ReportNeverClosed(transport);
        transport.State |= TransportState.Closing | TransportState.Lost;
        GiveBack(transport);
    }

    /// <summary>It is none of its loop's any more, for metrics, traces and events.</summary>
    public static void CountEnd(ITransportEnds transport)
    {
        if ((transport.State & TransportState.Starting) != 0)
            return;
        transport.Loop.Counters.TransportsClosed++;
        transport.NoteEnd();
    }

    private static bool EndsWithLoop(ITransportEnds transport)
    {
        try
        {
            return transport.Told.EndsWithLoop();
        }
        catch (Exception e)
        {
            Report(transport, "EndsWithLoop failed", e);
            return true; // the loop has to close, and with it what comes after this one
        }
    }

    private static void Finish(ITransportEnds transport)
    {
        if ((transport.State & TransportState.Finished) != 0)
            return;
        try
        {
            transport.Told.ConnectionLost(transport.Reason);
        }
        catch (Exception e)
        {
            Report(transport, "ConnectionLost failed", e);
        }
        GiveBack(transport);
        transport.OnEnded();
    }

    private static void GiveBack(ITransportEnds transport)
    {
        if ((transport.State & TransportState.Finished) != 0)
            return;
        CountEnd(transport);
        transport.State |= TransportState.Finished;
        transport.DropUnsent();
        transport.Release();
    }

    private static void Report(ITransportEnds transport, string what, Exception exception) =>
        transport.Loop.ReportProtocol(transport.Told, what, exception, transport);
}
