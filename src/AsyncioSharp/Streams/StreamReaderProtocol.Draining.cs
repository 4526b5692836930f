using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

// Holding up whoever writes while the peer does not keep up.
public sealed partial class StreamReaderProtocol
{
    private ParkingLot? _drain;
    private bool _writingPaused;
    private bool _lost;

    /// <summary>Whether <see cref="AsyncStreamWriter.DrainAsync"/> has to look closer.</summary>
    internal bool IsWritable => !_writingPaused && !_lost;

    /// <inheritdoc/>
    public override void PauseWriting() => _writingPaused = true;

    /// <inheritdoc/>
    public override void ResumeWriting()
    {
        _writingPaused = false;
        _drain?.WakeAll();
    }

    /// <summary>Waits until writing is resumed.</summary>
    /// <exception cref="IOException">The connection was lost.</exception>
    internal Coroutine WaitWritableAsync()
    {
        if (_lost)
            throw Lost();
        return _writingPaused
            ? (_drain ??= new ParkingLot(Reader, "the peer to take what was written, on the connection of ")).WaitAsync()
            : Coroutine.Completed;
    }

    // Writing is still paused, so what was written has not left: that is no success for whoever waits for it, whoever has ended the connection.
    private void LoseWriters(Exception? exception)
    {
        _lost = true;
        if (_writingPaused)
            _drain?.WakeAll(exception ?? Lost());
    }

    private static IOException Lost() => new(
        "The connection was lost, or closed on this side: nothing can be written any more.",
        new SocketException((int)SocketError.ConnectionReset));
}
