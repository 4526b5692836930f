using System.Collections.ObjectModel;
using System.Net.WebSockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Http;

/// <summary>
/// A WebSocket on the loop, as client (<c>session.ws_connect()</c>) or server (<c>aiohttp.web.WebSocketResponse</c>).
/// </summary>
/// <remarks>
/// Several tasks may send at a time: their messages follow each other. One receives, by <see cref="ReceiveAsync"/> or
/// <c>await foreach</c>. Cancelling it loses nothing: the next one gets the message.
/// </remarks>
public sealed partial class AsyncioWebSocket : IAsyncDisposable
{
    private const int LongestDescription = 123;
    private const int NotClosed = 1006;
    private const int NoTls = 1015;

    private readonly AsyncioWebSocketOptions _options;
    private readonly IDisposable? _owned;
    private readonly ServedConnection? _served;
    private AsyncioTask? _closer; // who has closed it here
    private WebSocketException? _misuse; // what it was told when it used it all the same

    /// <summary>Makes one of a <see cref="WebSocket"/> that is connected.</summary>
    /// <param name="socket">The WebSocket, which is disposed of with this.</param>
    /// <param name="options">How it is used: what speaks of connecting does not apply.</param>
    /// <exception cref="InvalidOperationException">No loop runs on this thread.</exception>
    public AsyncioWebSocket(WebSocket socket, AsyncioWebSocketOptions? options = null)
        : this(socket, options ?? new AsyncioWebSocketOptions(), null, null, null)
    {
    }

    private AsyncioWebSocket(
        WebSocket socket, AsyncioWebSocketOptions options, IDisposable? owned, ServedConnection? served, WebSocketRequest? request)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Check(options);
        _ = EventLoop.Running;
        Socket = socket;
        Path = request?.Path ?? "";
        RequestHeaders = request?.Headers ?? ReadOnlyDictionary<string, string>.Empty;
        _options = options;
        _owned = owned;
        _served = served;
    }

    /// <summary>.NET's side of it.</summary>
    public WebSocket Socket { get; }

    /// <summary>For servers: the path and query of the request, such as <c>/chat?room=1</c>; otherwise empty.</summary>
    public string Path { get; }

    /// <summary>For servers: the headers of the request (<c>request.headers</c>), such as <c>Cookie</c> and <c>Origin</c>, whose names
    /// may be written in any case; one that came several times is one list with commas. Otherwise empty.</summary>
    public IReadOnlyDictionary<string, string> RequestHeaders { get; }

    /// <summary>The sub-protocol that was agreed on; null if there is none.</summary>
    public string? SubProtocol => Socket.SubProtocol is { Length: > 0 } protocol ? protocol : null;

    /// <summary>Why the peer has closed it (<c>close_code</c>); null if it has not.</summary>
    public WebSocketCloseStatus? CloseStatus => Socket.CloseStatus;

    /// <summary>What the peer has said about that.</summary>
    public string? CloseStatusDescription => Socket.CloseStatusDescription;

    /// <summary>Connects to a server (<c>session.ws_connect()</c>).</summary>
    /// <param name="uri">Its address: ws, wss, http or https.</param>
    /// <param name="via">What makes the request: an <see cref="HttpClient"/> or the like with an
    /// <see cref="AsyncioHttpHandler"/>. By default the connection is made as such a handler would.</param>
    /// <param name="options">How it is made.</param>
    /// <exception cref="ArgumentException">The address is of another kind, or relative; or a sub-protocol has no valid name, or is there
    /// twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number in the options is too small.</exception>
    /// <exception cref="InvalidOperationException">No loop runs on this thread.</exception>
    /// <exception cref="WebSocketException">It cannot be connected to, or is no WebSocket.</exception>
    public static Coroutine<AsyncioWebSocket> ConnectAsync(Uri uri, HttpMessageInvoker? via = null, AsyncioWebSocketOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(uri);
        if (!uri.IsAbsoluteUri || uri.Scheme is not ("ws" or "wss" or "http" or "https"))
            throw new ArgumentException($"'{uri}' is no address of a WebSocket: it begins with ws://, wss://, http:// or https://.", nameof(uri));
        options ??= new AsyncioWebSocketOptions();
        Check(options);
        return ConnectCoreAsync(uri, via, options);
    }

    /// <summary>Sends a text (<c>send_str()</c>).</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="WebSocketException">The connection was lost.</exception>
    public Coroutine SendAsync(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return SendAsync(System.Text.Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);
    }

    /// <summary>Sends data (<c>send_bytes()</c>).</summary>
    /// <param name="data">The data; it must stay as it is meanwhile.</param>
    /// <exception cref="WebSocketException">The connection was lost.</exception>
    public Coroutine SendAsync(ReadOnlyMemory<byte> data) => SendAsync(data, WebSocketMessageType.Binary);

    /// <summary>
    /// Says goodbye, and waits for the peer to do so (<c>close()</c>), for <see cref="AsyncioWebSocketOptions.CloseTimeout"/> at
    /// most; then the connection is ended without it. What still comes is dropped; a receive under way ends. Closed already, it does
    /// nothing.
    /// </summary>
    /// <param name="status">Why.</param>
    /// <param name="description">The same in words, 123 bytes at most.</param>
    /// <exception cref="ArgumentOutOfRangeException">The status is none that can be sent.</exception>
    /// <exception cref="ArgumentException">The description is too long, or there is no status that it could describe.</exception>
    public Coroutine CloseAsync(WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure, string? description = null)
    {
        CheckClose(status, description);
        return CloseCoreAsync(status, description);
    }

    /// <summary>Ends the connection. Without <see cref="CloseAsync"/> before, the peer sees it lost. What was sent and has not left yet has
    /// <see cref="AsyncioWebSocketOptions.CloseTimeout"/> to do so where the WebSocket is served.</summary>
    public async Coroutine DisposeAsync()
    {
        Socket.Dispose();
        _owned?.Dispose();
        await EndReceivingAsync();
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    private static void Check(AsyncioWebSocketOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxMessageSize, nameof(options));
        CheckTime(options.KeepAliveInterval);
        CheckTime(options.KeepAliveTimeout);
        CheckSubProtocols(options.SubProtocols);

        static void CheckTime(TimeSpan time)
        {
            if (time < TimeSpan.Zero && time != Timeout.InfiniteTimeSpan)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(options), time, "The time of a keep-alive is negative. Give zero or more, or Timeout.InfiniteTimeSpan.");
            }
        }
    }

    // .NET knows which names there can be.
    private static void CheckSubProtocols(IReadOnlyList<string> protocols)
    {
        if (protocols.Count == 0)
            return;
        using var unused = new ClientWebSocket();
        foreach (var protocol in protocols)
        {
            try
            {
                unused.Options.AddSubProtocol(protocol);
            }
            catch (ArgumentException e)
            {
                throw new ArgumentException(
                    $"'{protocol}' cannot be one of the sub-protocols: each has a name without spaces and separators, and is there once.",
                    "options",
                    e);
            }
        }
    }

    // The status is in the range that the protocol has for what is sent; some in it only say how a connection has ended that was not closed.
    private static void CheckClose(WebSocketCloseStatus status, string? description)
    {
        if ((int)status is < 1000 or > 4999 or NotClosed or NoTls)
        {
            throw new ArgumentOutOfRangeException(
                nameof(status),
                status,
                $"This status cannot be sent. Those of {nameof(WebSocketCloseStatus)} can; those of applications are from 4000 to 4999.");
        }
        if (string.IsNullOrEmpty(description))
            return;
        if (status == WebSocketCloseStatus.Empty)
            throw new ArgumentException("A description needs a status that it describes: pass NormalClosure, for example.", nameof(description));
        if (System.Text.Encoding.UTF8.GetByteCount(description) is > LongestDescription and var length)
        {
            throw new ArgumentException(
                $"The description takes {length} bytes as UTF-8; a frame that closes a WebSocket has room for {LongestDescription}. " +
                "Shorten it, or send it as a message before.",
                nameof(description));
        }
    }

    private async Coroutine CloseCoreAsync(WebSocketCloseStatus status, string? description)
    {
        if (Socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived or WebSocketState.CloseSent))
            return;
        var cancelled = Asyncio.CancellationToken;
        _closer = Asyncio.CurrentTask;
        try
        {
            await Asyncio.Timeout(_options.CloseTimeout, async _ => await Socket.CloseAsync(status, description, Asyncio.CancellationToken));
        }
        catch (TimeoutException)
        {
            Abort();
        }
        catch (WebSocketException)
        {
            Socket.Abort(); // the peer has gone without an answer, which comes to the same
        }
        catch (OperationCanceledException) when (!cancelled.IsCancellationRequested)
        {
            // The connection was aborted meanwhile, by another task or for want of a pong: there is nothing left to close.
        }
        finally
        {
            if (Socket.State == WebSocketState.Open)
                _closer = null; // nothing was closed
        }
    }

    // The time is up also for what is left to send.
    private void Abort()
    {
        Socket.Abort();
        _served?.Abort();
    }

    private static async Coroutine<AsyncioWebSocket> ConnectCoreAsync(Uri uri, HttpMessageInvoker? via, AsyncioWebSocketOptions options)
    {
        var own = via is null ? new HttpMessageInvoker(AsyncioHttpHandler.Create()) : null;
        var socket = new ClientWebSocket();
        try
        {
            Configure(socket.Options, options);
            await socket.ConnectAsync(uri, via ?? own, Asyncio.CancellationToken);
            return new AsyncioWebSocket(socket, options, own, null, null);
        }
        catch
        {
            socket.Dispose();
            own?.Dispose();
            throw;
        }
    }

    private static void Configure(ClientWebSocketOptions client, AsyncioWebSocketOptions options)
    {
        client.KeepAliveInterval = options.KeepAliveInterval;
        client.KeepAliveTimeout = options.KeepAliveTimeout;
        foreach (var protocol in options.SubProtocols)
            client.AddSubProtocol(protocol);
        options.Configure?.Invoke(client);
    }

    // .NET lets sends that meet follow each other. A send that is cancelled may be half sent: the connection is lost with it.
    private async Coroutine SendAsync(ReadOnlyMemory<byte> data, WebSocketMessageType type)
    {
        var cancelled = Asyncio.CancellationToken;
        var isMisused = _closer is not null && ReferenceEquals(_closer, Asyncio.CurrentTask);
        try
        {
            await Socket.SendAsync(data, type, endOfMessage: true, cancelled);
        }
        catch (WebSocketException e) when (isMisused)
        {
            _misuse = e;
            throw;
        }
        catch (OperationCanceledException e) when (!cancelled.IsCancellationRequested)
        {
            throw Ended(e);
        }
    }

    // .NET tells by a cancellation, too, that a connection was aborted. Nobody has cancelled the task that waits for it.
    private static WebSocketException Ended(Exception? inner) => new(WebSocketError.InvalidState,
        "The connection was ended here while a task waited for it: the WebSocket was disposed of, or its peer did not answer in time.", inner!);
}
