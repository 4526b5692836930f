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
public sealed class TransportStream : LoopStream
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

    /// <summary>Connects to a host over TCP, on the loop that runs here.</summary>
    /// <param name="host">A name or an address; null for this machine.</param>
    /// <param name="port">The port.</param>
    /// <param name="options">How to connect; not over TLS.</param>
    /// <exception cref="ArgumentException">The options ask for TLS, or contradict each other or the host.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such port, or a number in the options is too small.</exception>
    /// <exception cref="SocketException">The name is unknown, or no address can be connected to.</exception>
    /// <exception cref="AggregateException">No address can be connected to, and all failures were asked for
    /// (<see cref="ConnectionOptions.AllErrors"/>).</exception>
    /// <exception cref="InvalidOperationException">No loop runs on this thread.</exception>
    /// <exception cref="NotSupportedException">The loop has no network.</exception>
    public static Coroutine<TransportStream> ConnectAsync(string? host, int port, ConnectionOptions? options = null)
    {
        options ??= new ConnectionOptions();
        if (options.Tls is not null)
            throw new ArgumentException("This stream is plain: leave Tls out, and put an SslStream over it.", nameof(options));
        TlsOptions.CheckUnused(options.TlsHandshakeTimeout, options.TlsShutdownTimeout);
        EventLoop.CheckToConnect(host, port, options);
        return ConnectCoreAsync();

        async Coroutine<TransportStream> ConnectCoreAsync()
        {
            var loop = EventLoop.Running; // libraries connect on threads without one, and have the coroutine run on it
            return (await loop.CreateConnectionAsync(() => new StreamAdapterProtocol(loop), host, port, options)).Protocol.Stream;
        }
    }

    /// <summary>Connects to a Unix socket, on the loop that runs here.</summary>
    /// <param name="path">The socket's file; or, on Linux, an abstract name, which begins with <c>\0</c>.</param>
    /// <exception cref="ArgumentException">There is no path, or it is too long.</exception>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    /// <exception cref="InvalidOperationException">No loop runs on this thread.</exception>
    /// <exception cref="NotSupportedException">The loop has no network, or the system no Unix sockets.</exception>
    public static Coroutine<TransportStream> ConnectUnixAsync(string path)
    {
        EventLoop.CheckToConnect(path, new ConnectionOptions());
        return ConnectCoreAsync();

        async Coroutine<TransportStream> ConnectCoreAsync()
        {
            var loop = EventLoop.Running;
            return (await loop.CreateUnixConnectionAsync(() => new StreamAdapterProtocol(loop), path)).Protocol.Stream;
        }
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

    /// <summary>Sends data, and waits until the system has taken all of it.</summary>
    /// <param name="buffer">The data; it must stay as it is meanwhile.</param>
    /// <param name="cancellationToken">Ends the wait; a part of the data may have been sent, or still be.</param>
    /// <exception cref="IOException">The connection was lost.</exception>
    /// <exception cref="ObjectDisposedException">It was closed here, or the loop was.</exception>
    /// <exception cref="InvalidOperationException">Another write is under way.</exception>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled(cancellationToken) : _writing.WriteAsync(buffer, cancellationToken);

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
}
