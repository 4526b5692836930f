using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// The sending side of a connection (<c>asyncio.StreamWriter</c>). Write, and await <see cref="DrainAsync"/> after each
/// write, so that a slow peer slows the program down instead of filling its memory.
/// </summary>
public sealed class AsyncStreamWriter : IAsyncDisposable
{
    private readonly StreamReaderProtocol _protocol;
    private readonly AsyncStreamReader? _reader;

    /// <summary>Makes a writer; for connections that are put together by hand.</summary>
    /// <param name="transport">What it writes to.</param>
    /// <param name="protocol">The transport's protocol.</param>
    /// <param name="reader">The other side, if there is one.</param>
    public AsyncStreamWriter(Transport transport, StreamReaderProtocol protocol, AsyncStreamReader? reader = null)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(protocol);
        Transport = transport;
        _protocol = protocol;
        _reader = reader;
    }

    /// <summary>What it writes to (<c>StreamWriter.transport</c>).</summary>
    public Transport Transport { get; private set; }

    /// <summary>Whether <see cref="WriteEof"/> is possible (<c>can_write_eof()</c>).</summary>
    public bool CanWriteEof => Transport.CanWriteEof;

    /// <summary>Whether it is closed, or about to be (<c>is_closing()</c>).</summary>
    public bool IsClosing => Transport.IsClosing;

    /// <inheritdoc cref="BaseTransport.LocalEndPoint"/>
    public EndPoint? LocalEndPoint => Transport.LocalEndPoint;

    /// <inheritdoc cref="BaseTransport.RemoteEndPoint"/>
    public EndPoint? RemoteEndPoint => Transport.RemoteEndPoint;

    /// <inheritdoc cref="BaseTransport.Socket"/>
    public Socket? Socket => Transport.Socket;

    /// <inheritdoc cref="Transport.SslStream"/>
    public SslStream? SslStream => Transport.SslStream;

    /// <summary>Sends data (<c>write()</c>), without waiting: await <see cref="DrainAsync"/> afterwards.</summary>
    /// <inheritdoc cref="Transport.Write" path="/param"/>
    /// <inheritdoc cref="Transport.Write" path="/exception"/>
    public void Write(ReadOnlySpan<byte> data) => Transport.Write(data);

    /// <inheritdoc cref="Transport.Flush"/>
    public void Flush() => Transport.Flush();

    /// <summary>Sends several pieces of data as one (<c>writelines()</c>).</summary>
    /// <inheritdoc cref="Transport.WriteLines" path="/param"/>
    /// <inheritdoc cref="Transport.WriteLines" path="/exception"/>
    public void WriteLines(IEnumerable<ReadOnlyMemory<byte>> pieces) => Transport.WriteLines(pieces);

    /// <summary>Ends the sending side once everything written was sent; the peer's side stays open
    /// (<c>write_eof()</c>).</summary>
    /// <inheritdoc cref="Transport.WriteEof" path="/exception"/>
    public void WriteEof() => Transport.WriteEof();

    /// <summary>
    /// Waits, if much was written that the peer has not taken yet, until it has taken enough (<c>drain()</c>). Mostly it
    /// does not wait.
    /// </summary>
    /// <exception cref="IOException">The connection was lost.</exception>
    public Coroutine DrainAsync()
    {
        if (_protocol.IsWritable && !Transport.IsClosing && _reader?.Exception is null)
            return Coroutine.Completed;
        return DrainSlowlyAsync();
    }

    /// <summary>
    /// Makes a TLS connection of this one, as its client (<c>start_tls()</c>). Reader and writer stay the same. What was
    /// written before is sent as it is; what has come and was not read counts as part of the handshake, so that nothing
    /// can be slipped in before it.
    /// </summary>
    /// <inheritdoc cref="EventLoop.StartTlsAsync(Transport, StreamProtocol, SslClientAuthenticationOptions, TimeSpan?, TimeSpan?)" path="/param"/>
    /// <inheritdoc cref="EventLoop.StartTlsAsync(Transport, StreamProtocol, SslClientAuthenticationOptions, TimeSpan?, TimeSpan?)" path="/exception"/>
    /// <exception cref="InvalidOperationException">A task reads, and a part of what it reads has come.</exception>
    public Coroutine StartTlsAsync(SslClientAuthenticationOptions options, TimeSpan? handshakeTimeout = null, TimeSpan? shutdownTimeout = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        return StartTlsAsync(TlsOptions.ForClient(
            options, null, handshakeTimeout, shutdownTimeout));
    }

    /// <inheritdoc cref="StartTlsAsync(SslClientAuthenticationOptions, TimeSpan?, TimeSpan?)"/>
    /// <summary>Makes a TLS connection of this one, as its server (<c>start_tls()</c>). Reader and writer stay the same.</summary>
    public Coroutine StartTlsAsync(SslServerAuthenticationOptions options, TimeSpan? handshakeTimeout = null, TimeSpan? shutdownTimeout = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        return StartTlsAsync(TlsOptions.ForServer(
            options, handshakeTimeout, shutdownTimeout));
    }

    /// <summary>
    /// Takes the connection from its loop, so that <see cref="Asyncio.AttachAsync"/> can go on with it on another. It waits until
    /// everything written was sent; cancelled meanwhile, the connection stays where it is. What has come and was not read goes
    /// along. This writer and its reader are done with.
    /// </summary>
    /// <inheritdoc cref="EventLoop.DetachAsync" path="/exception"/>
    /// <exception cref="InvalidOperationException">A task reads from it.</exception>
    public Coroutine<DetachedConnection> DetachAsync() => DetachFromLoopAsync();

    /// <summary>
    /// The connection as a <see cref="Stream"/>, for libraries that want one: what is written goes here, what is read comes
    /// from the reader. It can be used on any thread; on the loop's it goes on there, and is cancelled with the task.
    /// Disposing of it closes the connection.
    /// </summary>
    public Stream AsStream() => new ConnectionStream(_protocol.Reader.Loop, _reader, this);

    /// <summary>The connection as pipes, for parsers of <c>System.IO.Pipelines</c>. Completing them does not close it.</summary>
    /// <exception cref="InvalidOperationException">The writer was made without a reader.</exception>
    public IDuplexPipe AsDuplexPipe() => _reader is not null
        ? new ConnectionPipe(AsStream())
        : throw new InvalidOperationException("This writer has no reader, and a duplex pipe needs both: make the writer with a reader.");

    /// <summary>Closes the connection, both sides of it, once everything written was sent (<c>close()</c>).</summary>
    public void Close() => Transport.Close();

    /// <summary>Waits until the connection has ended (<c>wait_closed()</c>). Close it before.</summary>
    /// <exception cref="IOException">It was lost before everything was sent.</exception>
    public Coroutine WaitClosedAsync() => _protocol.Closed.WaitAsync();

    /// <summary>Closes the connection and waits until it has ended. That it was lost before is no error here.</summary>
    public Coroutine DisposeAsync()
    {
        Close();
        return WaitQuietlyAsync();
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    /// <summary>Its transport.</summary>
    public override string ToString() => $"<AsyncStreamWriter {Transport}>";

    private async Coroutine<DetachedConnection> DetachFromLoopAsync()
    {
        if (_protocol.Reader.IsBeingRead)
            throw new InvalidOperationException("A task is reading from this connection. Await or cancel that before the connection is moved.");
        var connection = await EventLoop.Running.DetachAsync(Transport);
        connection.Prepend(_protocol.MovedAway()); // not before: it stays here if that is cancelled
        return connection;
    }

    private async Coroutine StartTlsAsync(TlsOptions options)
    {
        await DrainAsync();
        EventLoop.CheckStands(Transport); // or what has come would be lost
        _protocol.Reader.CheckNothingReadInPart();
        var received = _protocol.Reader.Detach(); // also where the writer was made without it
        Transport = await EventLoop.Running.StartTls(Transport, _protocol, options, received);
        _protocol.ReplaceTransport(Transport);
    }

    private async Coroutine WaitQuietlyAsync()
    {
        try
        {
            await WaitClosedAsync();
        }
        catch (Exception e) when (e is not CanceledException)
        {
            // Reads and writes have told, or will; to throw from a using block would hide what it threw itself.
        }
    }

    private async Coroutine DrainSlowlyAsync()
    {
        if (_reader?.Exception is { } failure)
            throw failure;
        if (Transport.WriteFailure is { } refused)
            throw refused;
        if (Transport.IsClosing)
            await Asyncio.Yield(); // lets the protocol learn that the connection is lost
        await _protocol.WaitWritableAsync();
    }
}
