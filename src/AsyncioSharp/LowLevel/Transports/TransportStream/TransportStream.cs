using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// A connection of a loop as a <see cref="Stream"/> that belongs to no task: for libraries that keep connections in pools of
/// their own, and use them on any thread. On the loop's thread it reads and writes without a detour and without allocating, and
/// the code that awaits it goes on there. Used on another thread, it goes to the loop, and that code goes on on the thread pool.
/// </summary>
/// <remarks>
/// It is plain: for TLS put an <see cref="System.Net.Security.SslStream"/> over it. One read and one write may be under way at a
/// time. A write ends when the system has taken everything. Disposing of it ends the connection at once, on any thread, also
/// after the loop was closed, which ends its connections itself. For a connection that a task uses, and that is to be
/// cancelled with it, see <see cref="AsyncStreamWriter.AsStream"/>.
/// </remarks>
public sealed class TransportStream : Stream
{
    private readonly EventLoop _loop;
    private readonly Transport _transport;
    private readonly StreamReading _reading;
    private readonly StreamWriting _writing;

    internal TransportStream(EventLoop loop, Transport transport, StreamReading reading, StreamWriting writing)
    {
        _loop = loop;
        _transport = transport;
        _reading = reading;
        _writing = writing;
    }

    /// <summary>The loop on whose thread the connection is.</summary>
    public EventLoop Loop => _loop;

    /// <summary>The address on this side; null if there is none. On the loop's thread only.</summary>
    public EndPoint? LocalEndPoint => _transport.LocalEndPoint;

    /// <summary>The peer's address; null if there is none. On the loop's thread only.</summary>
    public EndPoint? RemoteEndPoint => _transport.RemoteEndPoint;

    /// <summary>True.</summary>
    public override bool CanRead => true;

    /// <summary>True.</summary>
    public override bool CanWrite => true;

    /// <summary>False.</summary>
    public override bool CanSeek => false;

    /// <summary>Not supported.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Length => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Connects to a host over TCP, on the loop that runs here.</summary>
    /// <param name="host">A name or an address; null for this machine.</param>
    /// <param name="port">The port.</param>
    /// <param name="options">How to connect; not over TLS.</param>
    /// <exception cref="ArgumentException">The options ask for TLS.</exception>
    /// <exception cref="SocketException">The name is unknown, or no address can be connected to.</exception>
    /// <exception cref="InvalidOperationException">No loop runs on this thread.</exception>
    public static async Coroutine<TransportStream> ConnectAsync(string? host, int port, ConnectionOptions? options = null)
    {
        var loop = PrepareToConnect(options);
        return (await loop.CreateConnectionAsync(() => new StreamAdapterProtocol(loop), host, port, options)).Protocol.Stream;
    }

    /// <summary>Connects to a Unix socket, on the loop that runs here.</summary>
    /// <param name="path">The socket's file; or, on Linux, an abstract name, which begins with <c>\0</c>.</param>
    /// <exception cref="ArgumentException">There is no path, or it is too long.</exception>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    /// <exception cref="InvalidOperationException">No loop runs on this thread.</exception>
    public static async Coroutine<TransportStream> ConnectUnixAsync(string path)
    {
        var loop = PrepareToConnect(null);
        return (await loop.CreateUnixConnectionAsync(() => new StreamAdapterProtocol(loop), path)).Protocol.Stream;
    }

    /// <summary>Reads what there is, waiting for data if there is none. Into no memory it reads nothing, and waits until there
    /// is something.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="cancellationToken">Ends the wait; the connection stays as it is.</param>
    /// <returns>How many bytes were read; 0 at the end of the stream, or if there was no room.</returns>
    /// <exception cref="IOException">The connection was lost.</exception>
    /// <exception cref="ObjectDisposedException">It was closed here, or the loop was.</exception>
    /// <exception cref="InvalidOperationException">Another read is under way.</exception>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<int>(cancellationToken) : _reading.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc cref="ReadAsync(Memory{byte}, CancellationToken)"/>
    /// <param name="buffer">Where to.</param>
    /// <param name="offset">From which place on.</param>
    /// <param name="count">How many bytes at most.</param>
    /// <param name="cancellationToken">Ends the wait; the connection stays as it is.</param>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <summary>Sends data, and waits until the system has taken all of it.</summary>
    /// <param name="buffer">The data; it must stay as it is meanwhile.</param>
    /// <param name="cancellationToken">Ends the wait; a part of the data may have been sent, or still be.</param>
    /// <exception cref="IOException">The connection was lost.</exception>
    /// <exception cref="ObjectDisposedException">It was closed here, or the loop was.</exception>
    /// <exception cref="InvalidOperationException">Another write is under way.</exception>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled(cancellationToken) : _writing.WriteAsync(buffer, cancellationToken);

    /// <inheritdoc cref="WriteAsync(ReadOnlyMemory{byte}, CancellationToken)"/>
    /// <param name="buffer">The data; it must stay as it is meanwhile.</param>
    /// <param name="offset">From which place on.</param>
    /// <param name="count">How many bytes.</param>
    /// <param name="cancellationToken">Ends the wait; a part of the data may have been sent, or still be.</param>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <summary>Not supported: it would block the loop.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("A loop's connection cannot be read from synchronously, as that would block the loop: use ReadAsync.");

    /// <summary>Not supported: it would block the loop.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("A loop's connection cannot be written to synchronously, as that would block the loop: use WriteAsync.");

    /// <summary>Does nothing: what is written is sent at once.</summary>
    public override void Flush() { }

    /// <summary>Does nothing: what is written is sent at once.</summary>
    /// <param name="cancellationToken">Does not matter.</param>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Not supported.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Ends the connection. What waits for it fails.</summary>
    public override ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    /// <summary>Ends the connection. What waits for it fails.</summary>
    /// <param name="disposing">False does nothing.</param>
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        if (_loop.IsOnThread)
            _transport.Abort();
        else
            _loop.PostOrDrop(new ThreadsafeCallback(_transport.Abort, null)); // a closed loop has closed its connections
    }

    internal static ObjectDisposedException LoopClosed() =>
        new(nameof(TransportStream), "The event loop of this connection was closed, and the connection with it.");

    private static EventLoop PrepareToConnect(ConnectionOptions? options)
    {
        if (options?.Tls is not null)
            throw new ArgumentException("This stream is plain: leave Tls out, and put an SslStream over it.", nameof(options));
        return EventLoop.Running;
    }
}
