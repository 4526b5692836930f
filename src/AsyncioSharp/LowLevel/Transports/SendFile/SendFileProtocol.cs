using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// Stands in for a transport's protocol while a file is written in pieces: each waits until the transport wants more. In the
/// end the protocol is back, and knows what it missed.
/// </summary>
internal sealed class SendFileProtocol : Protocol, IDisposable
{
    private readonly Transport _transport;
    private readonly StreamProtocol _protocol;
    private readonly ReadyWait _drain = new();
    private bool _paused;
    private bool _knownPaused; // what the protocol was told last
    private bool _eof;
    private SocketException? _lost;

    public SendFileProtocol(Transport transport)
    {
        _transport = transport;
        _protocol = transport.GetProtocol();
        _paused = _knownPaused = transport.IsWritingPaused;
        transport.HoldReading();
        transport.SetProtocol(this);
    }

    /// <summary>Writes a piece once the transport wants more.</summary>
    public async Coroutine WriteAsync(ReadOnlyMemory<byte> piece)
    {
        while (_paused && _lost is null)
            await _drain.WaitAsync();
        if (_lost is not null)
            throw _lost;
        if (_transport.IsClosing)
        {
            _transport.NoteRefused(); // TLS does not call an answer whole then that misses something
            throw Closed();
        }
        _transport.Write(piece.Span);
    }

    public override void PauseWriting() => _paused = true;

    public override void ResumeWriting()
    {
        _paused = false;
        _drain.Wake();
    }

    // Reading was paused; but who reads from a stream meanwhile resumes it, once little is left of what had come before.
    public override void DataReceived(ReadOnlySpan<byte> data) => _protocol.Take(data);

    // An end that has been noticed before may still be told.
    public override bool EofReceived()
    {
        _eof = true;
        return true;
    }

    public override void ConnectionLost(Exception? exception)
    {
        _lost = exception as SocketException ?? Closed();
        _drain.Wake();
        _protocol.ConnectionLost(exception);
    }

    protected internal override bool EndsWithLoop() => _protocol.EndsWithLoop();

    public void Dispose()
    {
        if (_lost is not null)
            return;
        _transport.SetProtocol(_protocol);
        if (_paused != _knownPaused)
            WriteFlow.Tell(_protocol, _paused, EventLoop.Running, _transport);
        _transport.LetReadingGoOn();
        if (_eof)
            _transport.TellEof();
    }

    private static SocketException Closed() =>
        SocketErrors.Exception(SocketError.ConnectionAborted, "The connection was closed while a file was sent");
}
