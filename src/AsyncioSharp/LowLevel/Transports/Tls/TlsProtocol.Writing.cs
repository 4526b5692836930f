namespace AsyncioSharp.LowLevel;

// Writing: what is written is encrypted at once and goes to the transport, whose buffer is the only one.
internal sealed partial class TlsProtocol
{
    public void Write(ReadOnlySpan<byte> data)
    {
        _loop.CheckThread();
        if (IsClosing || data.IsEmpty)
            return;
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
    }

    // A call may change what is to be told next.
    private void TellFlow()
    {
        while ((_state & (TlsState.Writing | TlsState.Lost)) == 0 && KnowsOfConnection)
        {
            var isFull = (_state & TlsState.CarrierFull) != 0;
            if (isFull == ((_state & TlsState.HeldUp) != 0))
                return;
            _state ^= TlsState.HeldUp;
            try
            {
                if (isFull)
                    Application.PauseWriting();
                else
                    Application.ResumeWriting();
            }
            catch (Exception e)
            {
                Report(isFull ? "PauseWriting failed" : "ResumeWriting failed", e);
            }
        }
    }
}
