namespace AsyncioSharp.LowLevel;

internal abstract partial class StreamTransport
{
    /// <summary>What is wrong with a protocol that gives one.</summary>
    internal const string EmptyBuffer =
        "GetBuffer returned an empty buffer. It must have room for at least one byte; to receive nothing for now, use Transport.PauseReading.";

    /// <summary>The protocol, if it is handed data.</summary>
    private protected Protocol? Plain;

    /// <summary>The protocol, if it gives buffers.</summary>
    private protected BufferedProtocol? Buffered;

    public sealed override bool IsReading =>
        (State & TransportState.NotReading) is var held && (held == TransportState.None || (held == TransportState.Paused && _resumesEarly));

    public sealed override void PauseReading()
    {
        Loop.CheckThread();
        EndHold();
        State |= TransportState.Paused;
        _resumesEarly = false;
    }

    public sealed override void ResumeReading()
    {
        Loop.CheckThread();
        if ((State & TransportState.Paused) == 0)
            return;
        EndHold();
        if (!_early.IsEmpty)
        {
            ResumeEarly();
            return;
        }
        State &= ~TransportState.Paused;
        OnReadingResumed();
    }

    internal sealed override void TellEof() => ReadEof();

    /// <summary>Whether there may be data, and somebody to take it.</summary>
    private protected bool HasToRead => (State & (TransportState.NotReading | TransportState.Readable)) == TransportState.Readable;

    /// <summary>Whether writing can go on after the end of what is read.</summary>
    private protected virtual bool HasTwoSides => true;

    /// <summary>The protocol wants data again: it is read in a turn of its own, not at once.</summary>
    private protected abstract void OnReadingResumed();

    /// <summary>Hands data to the protocol.</summary>
    private protected void Deliver(Protocol protocol, ReadOnlySpan<byte> data)
    {
        Loop.Counters.BytesReceived += data.Length;
        try
        {
            protocol.DataReceived(data);
        }
        catch (Exception e)
        {
            Fail("DataReceived failed, and its connection is closed", e);
        }
    }

    /// <summary>Tells the protocol that its buffer holds data.</summary>
    private protected void Deliver(BufferedProtocol protocol, int count)
    {
        Loop.Counters.BytesReceived += count;
        try
        {
            protocol.BufferUpdated(count);
        }
        catch (Exception e)
        {
            Fail("BufferUpdated failed, and its connection is closed", e);
        }
    }

    /// <summary>Asks the protocol for a buffer.</summary>
    /// <returns>False if it failed, and the connection is closed.</returns>
    private protected bool TryGetBuffer(BufferedProtocol protocol, out Span<byte> buffer)
    {
        try
        {
            buffer = protocol.GetBuffer(-1).Span;
            if (!buffer.IsEmpty)
                return true;
            throw new InvalidOperationException(EmptyBuffer);
        }
        catch (Exception e)
        {
            buffer = default;
            Fail("GetBuffer failed, and its connection is closed", e);
            return false;
        }
    }

    /// <summary>The peer's side has come to its end.</summary>
    private protected void ReadEof()
    {
        State |= TransportState.EofReceived;
        bool keepOpen;
        try
        {
            keepOpen = _protocol.EofReceived();
        }
        catch (Exception e)
        {
            Fail("EofReceived failed, and its connection is closed", e);
            return;
        }
        if (!keepOpen || !HasTwoSides)
            Close();
    }

    private void Fail(string what, Exception exception)
    {
        Report(what, exception);
        ForceClose(exception);
    }
}
