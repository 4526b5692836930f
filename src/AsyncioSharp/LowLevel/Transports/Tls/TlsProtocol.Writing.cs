namespace AsyncioSharp.LowLevel;

// Writing: what is written is encrypted at once and goes to the transport, whose buffer is the only one.
internal sealed partial class TlsProtocol
{
    public void Write(ReadOnlySpan<byte> data)
    {
        _loop.CheckThread();
        if (data.IsEmpty)
            return;
        if (IsClosing)
        {
            NoteRefused();
            return;
        }
        _state |= TlsState.Writing;
        try
        {
            Ssl.Write(data); // straight through to the transport
        }
        catch (Exception e)
        {
            Abort(e);
        }
        finally
        {
            _state &= ~TlsState.Writing;
        }
        TellFlow();
    }

    /// <summary>Something of the program's is not sent any more.</summary>
    public void NoteRefused()
    {
        if ((_state & (TlsState.EndedByPeer | TlsState.Lost)) == TlsState.EndedByPeer)
            _state |= TlsState.Cut;
    }

    public override void PauseWriting()
    {
        _state |= TlsState.CarrierFull;
        TellFlow();
    }

    public override void ResumeWriting()
    {
        if ((_state & TlsState.CarrierFull) == 0)
            _state |= TlsState.HeldUp; // it was told by the transport itself, before TLS came between
        _state &= ~TlsState.CarrierFull;
        TellFlow();
        if ((_state & TlsState.EndingAfterPeer) != 0)
            EndWhenEmpty();
    }

    // A call may change what is to be told next.
    private void TellFlow()
    {
        while ((_state & (TlsState.Writing | TlsState.Lost)) == 0 && KnowsOfConnection)
        {
            var isFull = (_state & TlsState.CarrierFull) != 0;
            if (isFull == ((_state & TlsState.HeldUp) != 0))
                return;
            if (isFull && (_state & TlsState.EndingAfterPeer) != 0)
                return; // it is not full: see EndWhenEmpty
            _state ^= TlsState.HeldUp;
            WriteFlow.Tell(Application, isFull, _loop, _transport);
        }
    }
}
