using AsyncioSharp.LowLevel;

namespace AsyncioSharp.AspNetCore;

/// <summary>Joins a loop's transport to the pipes of a connection.</summary>
internal sealed class AsyncioConnectionProtocol : BufferedProtocol
{
    private readonly AsyncioConnectionListener? _listener;
    private AsyncioConnection? _connection;

    /// <summary>Of a connection that was accepted.</summary>
    public AsyncioConnectionProtocol(AsyncioConnectionListener listener) => _listener = listener;

    /// <summary>Of one that comes from another loop.</summary>
    public AsyncioConnectionProtocol(AsyncioConnection connection) => _connection = connection;

    public override void ConnectionMade(Transport transport)
    {
        if (_connection is null)
            _connection = _listener!.Offer(transport);
        else
            _connection.Arrive(transport);
    }

    public override Memory<byte> GetBuffer(int sizeHint) => _connection!.Reader.GetBuffer();

    // All answers to what was received together leave together.
    public override void BufferUpdated(int count)
    {
        _connection!.NoteReceive();
        var writer = _connection.Writer;
        writer.BeginTurn();
        _connection.Reader.Received(count);
        writer.EndTurn();
    }

    public override bool EofReceived()
    {
        _connection!.NoteEnd(null);
        return true; // the application closes when it is done
    }

    public override void PauseWriting() => _connection!.Writer.Pause();

    public override void ResumeWriting() => _connection!.Writer.Resume();

    // Kestrel's connections live on its threads, too: without this it would wait for one that is gone.
    protected override bool EndsWithLoop()
    {
        _connection?.EndWithLoop();
        return _connection is not null;
    }

    public override void ConnectionLost(Exception? exception)
    {
        _connection?.LookNoMore();
        _connection?.Lost(exception);
    }
}
