using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

// The peer ends its side first, and this one follows. A peer that waits for the rest of an answer should not take what it has got
// for all of it: so the end is announced only when everything written has left, and a program that waited to read or write, and so
// had its turn to find out that it can write no more, did not try to. One that waited for something else may still come too late: this
// side cannot tell it from one that was done.
internal sealed partial class TlsProtocol
{
    /// <summary>Whether the program has written something that the peer's end has kept from being sent.</summary>
    public bool IsCut => (_state & TlsState.Cut) != 0;

    public static IOException CutException() => new(
        "The peer has ended its side of the TLS connection, and with that the connection ends: what was written afterwards was not sent.",
        new SocketException((int)SocketError.ConnectionReset));

    private void EndAfterPeer(bool hasMore)
    {
        if ((_state & TlsState.EndingAfterPeer) != 0 && !hasMore)
            _state &= ~TlsState.Unannounced; // told again, behind a file: the protocol agrees
        if ((_state & (TlsState.Closing | TlsState.Lost)) != 0)
            return;
        _state |= TlsState.Closing | TlsState.EndedByPeer | TlsState.EndingAfterPeer;
        if (hasMore && _cipher.HasTakenEnd)
            _state |= TlsState.Unannounced;
        EndWhenEmpty();
    }

    // Called again when all has left, if that takes time.
    private void EndWhenEmpty()
    {
        if (_carrier.WriteBufferSize > 0)
        {
            _carrier.SetWriteBufferLimits(high: 0); // so that it tells
            if ((_state & TlsState.CarrierFull) != 0)
                return;
        }
        // Behind whatever the last call has woken.
        _loop.CallSoon(static layer =>
        {
            if ((layer._state & (TlsState.EndingAfterPeer | TlsState.Lost)) == TlsState.EndingAfterPeer)
                layer.EndNow();
        }, this);
    }

    private void EndNow()
    {
        var ends = (_state & (TlsState.Cut | TlsState.Unannounced)) != 0 || _carrier.IsClosing || TryAnnounceEnd();
        _state &= ~TlsState.EndingAfterPeer; // not before: while it stands the protocol is not held up
        if (ends)
            EndShutdown();
    }
}
