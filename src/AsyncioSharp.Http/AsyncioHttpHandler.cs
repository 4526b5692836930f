using System.Net;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Http;

/// <summary>
/// What an <see cref="HttpClient"/> is made with for its connections to be the loop's (<c>aiohttp.ClientSession</c>,
/// <c>aiohttp.TCPConnector</c>): a <see cref="SocketsHttpHandler"/> over <see cref="TransportStream"/>s. Requests and the bodies of
/// responses are cancelled with the task that waits for them; nobody passes tokens.
/// </summary>
/// <remarks>
/// A handler belongs to one loop. Calls come from that loop's thread, or from code that a request has brought to the thread pool;
/// on the thread of another loop it refuses. HTTP/1.1 and HTTP/2; requests for HTTP/3, which goes past the loop's transports, are
/// made with HTTP/2.
/// </remarks>
public sealed class AsyncioHttpHandler : DelegatingHandler
{
    private readonly CancellationTokenSource _disposed = new();
    private readonly AsyncioHttpOptions _options;
    private EventLoop? _loop;

    private AsyncioHttpHandler(AsyncioHttpOptions options)
        : base(new SocketsHttpHandler())
    {
        _options = options;
        _loop = options.Loop ?? EventLoop.RunningOrNull;
        Sockets.ConnectCallback = ConnectAsync;
    }

    /// <summary>What does the work: cookies, proxies, limits, TLS, decompression and so on are set here, before the first
    /// request.</summary>
    public SocketsHttpHandler Sockets => (SocketsHttpHandler)InnerHandler!;

    /// <summary>The loop whose connections it makes; null until it was used on one.</summary>
    public EventLoop? Loop => Volatile.Read(ref _loop);

    /// <summary>Makes a handler.</summary>
    /// <param name="configure">Sets what <see cref="SocketsHttpHandler"/> has to set.</param>
    /// <param name="options">How it connects.</param>
    /// <exception cref="ArgumentException">The options ask for TLS, or for a socket of the program's own.</exception>
    /// <exception cref="InvalidOperationException">A <see cref="SocketsHttpHandler.ConnectCallback"/> was set.</exception>
    public static AsyncioHttpHandler Create(Action<SocketsHttpHandler>? configure = null, AsyncioHttpOptions? options = null)
    {
        options ??= new AsyncioHttpOptions();
        if (options.Connection.Tls is not null)
        {
            throw new ArgumentException(
                "TLS is not asked for here: it comes with https, and is set up in SocketsHttpHandler.SslOptions.", nameof(options));
        }
        if (options.Connection.Socket is not null)
            throw new ArgumentException("A handler makes as many connections as it needs: it cannot be given one socket for them.", nameof(options));
        var handler = new AsyncioHttpHandler(options);
        if (options.UnixSocketPath is not null)
            handler.Sockets.UseProxy = false; // that of the environment is for the network, and is asked for in another way
        if (configure is null)
            return handler;
        var connect = handler.Sockets.ConnectCallback;
        configure(handler.Sockets);
        if (handler.Sockets.ConnectCallback == connect)
            return handler;
        handler.Dispose();
        throw new InvalidOperationException(
            "ConnectCallback was set, so that the connections would not be the loop's. " +
            "Use a SocketsHttpHandler of your own for that; PlaintextStreamFilter may be set.");
    }

    /// <summary>Not supported: it would block the loop.</summary>
    /// <param name="request">Does not matter.</param>
    /// <param name="cancellationToken">Does not matter.</param>
    /// <exception cref="NotSupportedException">Always.</exception>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A synchronous request would block the loop on whose thread its answer comes: use SendAsync.");

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Another loop runs here than the handler's; or none does, and the handler has
    /// none yet.</exception>
    /// <exception cref="ObjectDisposedException">The handler was disposed of, or its loop closed.</exception>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        UseLoop();
        HttpVersions.WithoutQuic(request);
        return Asyncio.CurrentTask is null
            ? base.SendAsync(request, cancellationToken)
            : SendForTaskAsync(request, cancellationToken, Asyncio.CancellationToken);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _disposed.Cancel(); // connections that are being made: nobody will use them
        base.Dispose(disposing);
    }

    private async Task<HttpResponseMessage> SendForTaskAsync(HttpRequestMessage request, CancellationToken callers, CancellationToken tasks)
    {
        var both = callers.CanBeCanceled ? JoinedTokens.Of(callers, tasks) : null;
        // A body may still be sent when the answer has come, and look at the token; also one that a redirection has taken off.
        var reuse = request.Content is null && request.Method != HttpMethod.Connect;
        try
        {
            var response = await base.SendAsync(request, both?.Token ?? tasks).ConfigureAwait(false);
            // What the connection, or a stream of it, becomes after an upgrade need not end with the task that asked for it.
            if (response.StatusCode != HttpStatusCode.SwitchingProtocols && !(request.Method == HttpMethod.Connect && response.IsSuccessStatusCode))
                response.Content = new TaskContent(response.Content, tasks);
            return response;
        }
        finally
        {
            both?.Part(reuse);
        }
    }

    // Called on a thread of the pool: .NET makes connections beside the requests that want them.
    private ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        new(ConnectAsync(context.DnsEndPoint, cancellationToken));

    private async Task<Stream> ConnectAsync(DnsEndPoint endPoint, CancellationToken cancellationToken)
    {
        var loop = UseLoop();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposed.Token);
        var connect = _options.UnixSocketPath is { } path
            ? TransportStream.ConnectUnixAsync(path)
            : TransportStream.ConnectAsync(endPoint.Host, endPoint.Port, _options.Connection);
        return await Asyncio.RunCoroutineThreadsafe(connect, loop, either.Token).ConfigureAwait(false);
    }

    private EventLoop UseLoop()
    {
        var here = EventLoop.RunningOrNull;
        var loop = Volatile.Read(ref _loop) ?? Bind(here);
        if (here is not null && !ReferenceEquals(here, loop))
        {
            throw new InvalidOperationException(
                "This handler belongs to another event loop than the one that runs here: its connections are on that loop's thread. " +
                "Make a handler, and an HttpClient, for each loop.");
        }
        if (loop.IsClosed)
        {
            throw new ObjectDisposedException(nameof(AsyncioHttpHandler),
                "The event loop of this handler is closed, and its connections with it. " +
                "Make a handler, and an HttpClient, on the loop that runs now.");
        }
        return loop;
    }

    private EventLoop Bind(EventLoop? here)
    {
        if (here is null)
        {
            throw new InvalidOperationException(
                "This handler has no event loop yet, and none runs on this thread. " +
                "Use it first in a coroutine, or give it a loop with AsyncioHttpOptions.Loop.");
        }
        return Interlocked.CompareExchange(ref _loop, here, null) ?? here;
    }
}
