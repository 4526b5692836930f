namespace AsyncioSharp.LowLevel;

/// <summary>How far a TLS connection is.</summary>
[Flags]
internal enum TlsState
{
    None = 0,

    /// <summary>The handshake is over, and the protocol knows of the connection.</summary>
    Connected = 1 << 0,

    /// <summary>The protocol wants no data for now.</summary>
    Paused = 1 << 1,

    /// <summary>It is waited for data to decrypt.</summary>
    Awaiting = 1 << 2,

    /// <summary>There is something to read.</summary>
    Ready = 1 << 3,

    /// <summary>Data is being read, further down the stack.</summary>
    Pumping = 1 << 4,

    /// <summary>The peer has ended its side.</summary>
    EofReceived = 1 << 5,

    /// <summary>This side was closed: what still comes is dropped.</summary>
    Closing = 1 << 6,

    /// <summary>The transport is gone.</summary>
    Lost = 1 << 7,

    /// <summary>The handshake is over, well or not; the protocol does not know yet.</summary>
    HandshakeOver = 1 << 8,

    /// <summary>Data is being encrypted: the protocol is not to be called, as it might write more, or close.</summary>
    Writing = 1 << 9,

    /// <summary>The transport has more to send than it likes.</summary>
    CarrierFull = 1 << 10,

    /// <summary>The protocol was told to stop writing.</summary>
    HeldUp = 1 << 11,

    /// <summary>The peer has ended its side, and so this one ends too, once everything written has left.</summary>
    EndingAfterPeer = 1 << 12,

    /// <summary>The peer's end came unannounced, and the protocol does not agree to end too: only if it closes is this side's announced.</summary>
    Unannounced = 1 << 13,

    /// <summary>This side was ended because the peer's was, and not by the program.</summary>
    EndedByPeer = 1 << 14,

    /// <summary>The program has written more after that: the peer misses something.</summary>
    Cut = 1 << 15,
}
