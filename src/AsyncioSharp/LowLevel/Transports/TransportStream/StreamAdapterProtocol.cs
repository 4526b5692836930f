using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>What joins a transport to a <see cref="TransportStream"/>.</summary>
internal sealed class StreamAdapterProtocol(EventLoop loop) : BufferedProtocol
{
    private readonly StreamReading _reading = new(loop);
    private readonly StreamWriting _writing = new(loop);

    /// <summary>The stream, once the connection stands.</summary>
    public TransportStream Stream { get; private set; } = null!;

    public override void ConnectionMade(Transport transport)
    {
        _reading.Begin(transport);
        _writing.Begin(transport);
        Stream = new TransportStream(loop, transport, _reading, _writing);
    }

    public override Memory<byte> GetBuffer(int sizeHint) => _reading.Buffer;

    public override void BufferUpdated(int count) => _reading.Received(count);

    public override bool EofReceived()
    {
        _reading.FeedEof();
        return true; // whoever has the stream disposes of it
    }

    public override void PauseWriting() => _writing.Pause();

    public override void ResumeWriting() => _writing.Resume();

    public override void ConnectionLost(Exception? exception)
    {
        // As .NET's streams have it: whoever reads or writes expects an IOException, and finds the socket's error inside.
        Exception failure = exception switch
        {
            SocketException lost => new IOException(lost.Message, lost),
            null => new ObjectDisposedException(
                nameof(TransportStream), "The connection was closed on this side: nothing can be read or written any more."),
            _ => exception,
        };
        _writing.End();
        _reading.End();
        _reading.Lose(failure);
        _writing.Lose(failure);
    }

    internal override bool TryLeaveData() => _reading.TryLeaveData();

    /// <summary>A pool of connections may well outlive the loop: that is not reported.</summary>
    protected internal override bool EndsWithLoop()
    {
        var failure = TransportStream.LoopClosed();
        _writing.End();
        _reading.End();
        _reading.Abandon(failure);
        _writing.Abandon(failure);
        return true;
    }
}
