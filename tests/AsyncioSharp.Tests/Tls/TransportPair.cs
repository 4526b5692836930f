using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Tls;

/// <summary>
/// Two transports of a program's own making: what is written to one is delivered by the other before the call returns.
/// </summary>
internal sealed class TransportPair : Transport
{
    private readonly Queue<byte[]> _undelivered = [];
    private TransportPair _other = null!;
    private StreamProtocol _protocol;
    private bool _paused;
    private bool _closing;

    private TransportPair(StreamProtocol protocol) => _protocol = protocol;

    /// <summary>How large the pieces are that arrive.</summary>
    public int PieceSize { get; init; }

    public override bool IsClosing => _closing;

    public override bool IsReading => !_paused && !_closing;

    public override int WriteBufferSize => 0;

    public override WriteBufferLimits WriteBufferLimits => WriteBufferLimits.Default;

    public static (Transport, Transport) Connect(StreamProtocol one, StreamProtocol other, int pieceSize = int.MaxValue)
    {
        var (a, b) = (new TransportPair(one) { PieceSize = pieceSize }, new TransportPair(other) { PieceSize = pieceSize });
        (a._other, b._other) = (b, a);
        one.ConnectionMade(a);
        other.ConnectionMade(b);
        return (a, b);
    }

    public override StreamProtocol GetProtocol() => _protocol;

    public override void SetProtocol(StreamProtocol protocol) => _protocol = protocol;

    public override void Write(ReadOnlySpan<byte> data)
    {
        if (_closing)
            return;
        while (!data.IsEmpty)
        {
            var piece = data[..Math.Min(PieceSize, data.Length)];
            data = data[piece.Length..];
            _other._undelivered.Enqueue(piece.ToArray());
            _other.Deliver();
        }
    }

    public override void WriteEof() => throw new NotSupportedException();

    public override void Close() => Abort();

    public override void Abort()
    {
        if (_closing)
            return;
        _closing = true;
        _protocol.ConnectionLost(null);
        if (!_other._closing && !_other._protocol.EofReceived())
            _other.Abort();
    }

    public override void PauseReading() => _paused = true;

    public override void ResumeReading()
    {
        _paused = false;
        Deliver();
    }

    public override void SetWriteBufferLimits(int? high = null, int? low = null) { }

    private void Deliver()
    {
        while (IsReading && _undelivered.TryDequeue(out var piece))
            ((Protocol)_protocol).DataReceived(piece);
    }
}
