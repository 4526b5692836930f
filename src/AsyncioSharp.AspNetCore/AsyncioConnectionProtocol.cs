using AsyncioSharp.LowLevel;

namespace AsyncioSharp.AspNetCore;

/// <summary>Joins a loop's transport to the pipes of a connection.</summary>
internal sealed class AsyncioConnectionProtocol(AsyncioConnectionListener listener, AsyncioTransportOptions options, LoopMemory memory) : BufferedProtocol
{
    private AsyncioConnection? _connection;

    public override void ConnectionMade(Transport transport)
    {
        if (options.MaxWriteBufferSize is { } high)
            transport.SetWriteBufferLimits(high);
        else
            transport.SetWriteBufferLimits(int.MaxValue);
        _connection = new AsyncioConnection(EventLoop.Running, transport, options, memory.Pool);
        if (listener.TryOffer(_connection))
            return;
        _connection.Discard();
        transport.Abort();
    }

    public override Memory<byte> GetBuffer(int sizeHint) => _connection!.Reader.GetBuffer();

    // All answers to what was received together leave together.
    public override void BufferUpdated(int count)
    {
        var writer = _connection!.Writer;
        writer.BeginTurn();
        _connection.Reader.Received(count);
        writer.EndTurn();
    }

    public override bool EofReceived()
    {
        _connection!.Ended(null);
        return true; // the application closes when it is done
    }

    public override void PauseWriting() => _connection!.Writer.Pause();

    public override void ResumeWriting() => _connection!.Writer.Resume();

    public override void ConnectionLost(Exception? exception) => _connection?.Lost(exception);
}
