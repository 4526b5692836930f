namespace AsyncioSharp.LowLevel;

/// <summary>How far a transport is.</summary>
[Flags]
internal enum TransportState
{
    None = 0,

    /// <summary>The protocol was not told of the connection yet.</summary>
    Starting = 1 << 0,

    /// <summary>The system may have data: it said so, and was not read empty since.</summary>
    Readable = 1 << 1,

    /// <summary>The peer has ended its side, or the connection: a short read does not mean that nothing is left.</summary>
    Ending = 1 << 2,

    /// <summary>The protocol wants no data for now.</summary>
    Paused = 1 << 3,

    /// <summary>The peer's side was read to its end.</summary>
    EofReceived = 1 << 4,

    /// <summary>This side is to end once everything was sent.</summary>
    EofWritten = 1 << 5,

    /// <summary>It was closed, or lost.</summary>
    Closing = 1 << 6,

    /// <summary>That the connection has ended is about to be told.</summary>
    Lost = 1 << 7,

    /// <summary>The protocol was told, and the socket is closed.</summary>
    Finished = 1 << 8,

    /// <summary>The system sends a file: what is written would come in its middle.</summary>
    SendingFile = 1 << 9,

    /// <summary>A receive may end where what was written ended: a short one does not mean that nothing is left.</summary>
    InPieces = 1 << 10,

    /// <summary>Nothing is received.</summary>
    NotReading = Paused | EofReceived | Closing,

    /// <summary>Nothing can be written.</summary>
    NotWriting = EofWritten | Closing | SendingFile,
}
