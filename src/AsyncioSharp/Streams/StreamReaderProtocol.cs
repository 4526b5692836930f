using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// What joins a transport to an <see cref="AsyncStreamReader"/> and an <see cref="AsyncStreamWriter"/>
/// (<c>asyncio.StreamReaderProtocol</c>).
/// </summary>
public sealed partial class StreamReaderProtocol : BufferedProtocol
{
    private readonly Func<AsyncStreamReader, AsyncStreamWriter, Coroutine>? _clientConnected;
    private readonly ParkingLot _closed;
    private Transport? _transport;

    /// <summary>Makes the protocol of a connection.</summary>
    /// <param name="reader">What is fed.</param>
    /// <param name="clientConnected">For servers: handles the connection, in a task of its own. If it fails the loop's
    /// exception handler is told and the connection closed.</param>
    public StreamReaderProtocol(AsyncStreamReader reader, Func<AsyncStreamReader, AsyncStreamWriter, Coroutine>? clientConnected = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        Reader = reader;
        _clientConnected = clientConnected;
        _closed = new ParkingLot(reader, "the end of the connection of ");
    }

    internal AsyncStreamReader Reader { get; }

    /// <summary>Where tasks wait for the end of the connection.</summary>
    internal ParkingLot Closed => _closed;

    /// <inheritdoc/>
    public override void ConnectionMade(Transport transport)
    {
        ArgumentNullException.ThrowIfNull(transport);
        _transport = transport;
        Reader.SetTransport(transport);
        if (_clientConnected is not null)
            Handle(_clientConnected, new AsyncStreamWriter(transport, this, Reader));
    }

    /// <summary>The connection goes on over another transport.</summary>
    internal void ReplaceTransport(Transport transport)
    {
        _transport = transport;
        Reader.SetTransport(transport);
    }

    /// <inheritdoc/>
    public override Memory<byte> GetBuffer(int sizeHint) => Reader.GetReceiveBuffer();

    /// <inheritdoc/>
    public override void BufferUpdated(int count) => Reader.Received(count);

    internal override bool TryLeaveData() => Reader.TryLeaveData();

    internal override bool TakesData => true;

    internal override void Take(ReadOnlySpan<byte> data) => Reader.Take(data);

    /// <inheritdoc/>
    public override bool EofReceived()
    {
        Reader.FeedEof();
        return true; // the program ends its own side when it is done
    }

    /// <inheritdoc/>
    public override void ConnectionLost(Exception? exception)
    {
        // As .NET's streams have it: whoever reads or writes expects an IOException, and finds the socket's error inside.
        if (exception is SocketException failure)
            exception = new IOException(failure.Message, failure);
        if (exception is null)
            Reader.FeedEof();
        else
            Reader.SetException(exception);
        _closed.Open(exception);
        LoseWriters(exception);
        _transport = null;
    }

    /// <summary>The connection goes on elsewhere.</summary>
    /// <returns>What has come and was not read.</returns>
    internal byte[] MovedAway()
    {
        _transport = null;
        var received = Reader.Detach();
        Reader.SetException(new InvalidOperationException("The connection was moved to another loop: it is read and written where it was attached."));
        _closed.Open();
        LoseWriters(null);
        return received;
    }

    private void Handle(Func<AsyncStreamReader, AsyncStreamWriter, Coroutine> clientConnected, AsyncStreamWriter writer)
    {
        AsyncioTask task;
        try
        {
            task = Reader.Loop.CreateTask(clientConnected(Reader, writer));
        }
        catch (Exception e)
        {
            ReportFailure(e, null);
            return;
        }
        task.AddCallback(new HandlerEnd(this, task));
    }

    private void ReportFailure(Exception exception, AsyncioTask? task)
    {
        Reader.Loop.CallExceptionHandler(new ExceptionContext("The handler of a connection failed; the connection is closed.")
        {
            Exception = exception,
            Future = task,
            Source = _transport,
        });
        _transport?.Close();
    }

    private sealed class HandlerEnd(StreamReaderProtocol protocol, AsyncioTask task) : Runnable
    {
        internal override void Run()
        {
            if (task.IsCanceled)
                protocol._transport?.Close();
            else if (task.Exception is { } exception)
                protocol.ReportFailure(exception, task);
        }
    }
}
