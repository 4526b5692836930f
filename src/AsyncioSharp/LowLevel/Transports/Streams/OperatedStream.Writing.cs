namespace AsyncioSharp.LowLevel;

internal abstract partial class OperatedStream
{
    private int _lent;
    private bool _flushing;

    internal override void SendNow(ReadOnlySpan<byte> data)
    {
        Keep(data);
        ContinueWriting();
    }

    private void OnWritten(Exception? failure)
    {
        if ((State & TransportState.Lost) != 0)
            return;
        if (failure is not null)
        {
            ForceClose(failure);
            return;
        }
        // The last piece counts as written when it is flushed, so that whoever closes waits for that.
        if (Flushes && !_flushing && Backlog.Length == _lent)
        {
            _flushing = true;
            _writing.Flush(_output!, Released);
            return;
        }
        _flushing = false;
        Backlog.Advance(_lent);
        Loop.Counters.BytesSent += _lent;
        OnSent();
        ContinueWriting();
    }

    private void ContinueWriting()
    {
        if (Backlog.IsEmpty || _writing.IsPending || (State & (TransportState.Lost | TransportState.Starting)) != 0)
            return;
        var front = Backlog.Lend();
        _lent = front.Length;
        _writing.Write(_output!, front, Released);
    }
}
