namespace AsyncioSharp.LowLevel;

// Reading: one receive in a turn, as in asyncio, so that a peer that sends without end does not hold the others up. As
// long as there is more the watch queues itself again, behind what became ready meanwhile.
internal abstract partial class EpollStream
{
    /// <summary>Asks the kernel for data.</summary>
    /// <returns>How many bytes; 0 at the end; an error number, negated.</returns>
    private protected abstract int Receive(Span<byte> buffer);

    internal override int TryReceive(Span<byte> buffer)
    {
        if (!HasToRead)
            return 0;
        var count = Receive(buffer);
        if (count > 0)
        {
            NoteRead(count, buffer.Length);
            return count;
        }
        ReadNothing(count);
        return 0;
    }

    private protected override void OnReadingResumed()
    {
        if (HasToRead)
            Watch.Queue();
    }

    private protected virtual void OnReadable(EpollEvents events)
    {
        // A receive stops at urgent data, which TCP has inside the other and nobody here asks for; behind it there is more.
        const EpollEvents Special = EpollEvents.Ending | EpollEvents.Urgent;
        if ((events & (EpollEvents.Readable | Special)) != 0)
        {
            State |= TransportState.Readable;
            if ((events & Special) != 0)
                State |= TransportState.Ending;
        }
        ReadInTurn();
    }

    /// <summary>Reads once, and comes back if there may be more.</summary>
    private protected void ReadInTurn()
    {
        if (!HasToRead)
            return;
        if (Plain is not null)
            Read(Plain);
        else if (!Buffered!.TryLeaveData())
            Read(Buffered);
        if (HasToRead)
            Watch.Queue();
    }

    private protected virtual void Read(Protocol protocol)
    {
        var buffer = Loop.ReceiveBuffer.AsSpan();
        var count = Receive(buffer);
        if (count <= 0)
        {
            ReadNothing(count);
            return;
        }
        NoteRead(count, buffer.Length);
        Deliver(protocol, buffer[..count]);
    }

    private void Read(BufferedProtocol protocol)
    {
        if (!TryGetBuffer(protocol, out var buffer))
            return;
        var count = Receive(buffer);
        if (count <= 0)
        {
            ReadNothing(count);
            return;
        }
        NoteRead(count, buffer.Length);
        Deliver(protocol, count);
    }

    // What fills less than the buffer was all there was, but for the end and for what comes in pieces; more of it is another event.
    private void NoteRead(int count, int room)
    {
        if (count == room || (State & TransportState.Ending) != 0)
            return;
        if ((State & TransportState.InPieces) == 0 || !HasToReceive())
            State &= ~TransportState.Readable;
    }

    private void ReadNothing(int result)
    {
        State &= ~TransportState.Readable;
        if (result == 0)
            ReadEof();
        else if (result != -Errno.EAGAIN)
            ForceClose(Failure("Receiving", -result));
    }
}
