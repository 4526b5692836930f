
namespace AsyncioSharp.LowLevel;

// Reading: one receive in a turn, as in asyncio, so that a peer that sends without end does not hold the others up. As
// long as there is more the watch queues itself again, behind what became ready meanwhile.
internal sealed partial class EpollTransport
{
    private Protocol? _plain;
    private BufferedProtocol? _buffered;

    public override bool IsReading => (_state & TransportState.NotReading) == 0;

    public override void PauseReading()
    {
        _loop.CheckThread();
        _state |= TransportState.Paused;
    }

    public override void ResumeReading()
    {
        _loop.CheckThread();
        if ((_state & TransportState.Paused) == 0)
            return;
        _state &= ~TransportState.Paused;
        if (HasToRead)
            _watch.Queue();
    }

    internal override int TryReceive(Span<byte> buffer)
    {
        if (!HasToRead)
            return 0;
        var count = Libc.Receive(_descriptor, buffer);
        if (count > 0)
        {
            NoteRead(count, buffer.Length);
            return count;
        }
        ReadNothing(count);
        return 0;
    }

    private bool HasToRead => (_state & (TransportState.NotReading | TransportState.Readable)) == TransportState.Readable;

    private void OnReadable(EpollEvents events)
    {
        if ((events & (EpollEvents.Readable | EpollEvents.Ending)) != 0)
        {
            _state |= TransportState.Readable;
            if ((events & EpollEvents.Ending) != 0)
                _state |= TransportState.Ending;
        }
        if (!HasToRead)
            return;
        if (_plain is not null)
            Read(_plain);
        else if (!_buffered!.TryDefer())
            Read(_buffered);
        if (HasToRead)
            _watch.Queue();
    }

    private void Read(Protocol protocol)
    {
        var buffer = _loop.ReceiveBuffer.AsSpan();
        var count = Libc.Receive(_descriptor, buffer);
        if (count <= 0)
        {
            ReadNothing(count);
            return;
        }
        NoteRead(count, buffer.Length);
        try
        {
            protocol.DataReceived(buffer[..count]);
        }
        catch (Exception e)
        {
            Fail("DataReceived failed, and its connection is closed", e);
        }
    }

    private void Read(BufferedProtocol protocol)
    {
        Span<byte> buffer;
        try
        {
            buffer = protocol.GetBuffer(-1).Span;
            if (buffer.IsEmpty)
                throw new InvalidOperationException("GetBuffer returned an empty buffer. It must have room for a byte at least; to receive nothing for now, use Transport.PauseReading.");
        }
        catch (Exception e)
        {
            Fail("GetBuffer failed, and its connection is closed", e);
            return;
        }
        var count = Libc.Receive(_descriptor, buffer);
        if (count <= 0)
        {
            ReadNothing(count);
            return;
        }
        NoteRead(count, buffer.Length);
        try
        {
            protocol.BufferUpdated(count);
        }
        catch (Exception e)
        {
            Fail("BufferUpdated failed, and its connection is closed", e);
        }
    }

    // What fills less than the buffer was all there was; more of it is another event.
    private void NoteRead(int count, int room)
    {
        if (count < room && (_state & TransportState.Ending) == 0)
            _state &= ~TransportState.Readable;
    }

    private void ReadNothing(int result)
    {
        _state &= ~TransportState.Readable;
        if (result == 0)
            ReadEof();
        else if (result != -Errno.EAGAIN)
            ForceClose(Errno.Exception(-result, "Receiving failed"));
    }

    private void ReadEof()
    {
        _state |= TransportState.EofReceived;
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
        if (!keepOpen)
            Close();
    }

    private void Fail(string what, Exception exception)
    {
        Report(what, exception);
        ForceClose(exception);
    }
}
