using System.Net.WebSockets;

namespace AsyncioSharp.Http;

// The server's side, over streams.
public sealed partial class AsyncioWebSocket
{
    /// <summary>Starts a server of WebSockets (<c>aiohttp.web</c> with a handler that makes a <c>WebSocketResponse</c>).</summary>
    /// <param name="connected">Serves a client, in a task of its own. When it returns, the connection is closed. That the client
    /// has vanished, or breaks the rules, may end it with the <see cref="WebSocketException"/> that tells so; anything else that it
    /// throws, and the one for sending what it has closed itself, is told to the loop's exception handler.</param>
    /// <param name="host">Where to listen; null for every address of the machine.</param>
    /// <param name="port">The port; 0 for a free one.</param>
    /// <param name="options">How the connections are used.</param>
    /// <param name="server">How to listen, for example over TLS.</param>
    /// <exception cref="ArgumentException">The options contradict each other or the host, or lack what TLS needs.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such port, or a number in the options is too small.</exception>
    /// <exception cref="InvalidOperationException">No loop runs on this thread.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The name is unknown, or an address is in use or not this machine's.</exception>
    /// <exception cref="NotSupportedException">The loop has no network.</exception>
    public static Coroutine<Server> StartServerAsync(
        Func<AsyncioWebSocket, Coroutine> connected, string? host, int port, AsyncioWebSocketOptions? options = null, ServerOptions? server = null)
    {
        ArgumentNullException.ThrowIfNull(connected);
        options ??= new AsyncioWebSocketOptions();
        Check(options);
        return Asyncio.StartServerAsync((reader, writer) => ServeAsync(connected, reader, writer, options), host, port, server);
    }

    /// <summary>
    /// Makes a WebSocket of a connection that a client has just opened: reads its request and answers it
    /// (<c>ws.prepare(request)</c>). One that asks for something else is told so.
    /// </summary>
    /// <param name="reader">The connection's reader.</param>
    /// <param name="writer">Its writer, which is closed with the WebSocket.</param>
    /// <param name="options">How it is used.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number in the options is too small.</exception>
    /// <exception cref="InvalidOperationException">No loop runs on this thread.</exception>
    /// <exception cref="WebSocketException">The client has not asked for a WebSocket, or may not have one.</exception>
    /// <exception cref="LimitOverrunException">Its request is longer than the reader's limit.</exception>
    /// <exception cref="TimeoutException">It has not asked in time (<see cref="AsyncioWebSocketOptions.HandshakeTimeout"/>).</exception>
    /// <exception cref="IOException">The connection ended, or was lost, before the request was complete.</exception>
    public static Coroutine<AsyncioWebSocket> AcceptAsync(AsyncStreamReader reader, AsyncStreamWriter writer, AsyncioWebSocketOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(writer);
        options ??= new AsyncioWebSocketOptions();
        Check(options);
        return AcceptCoreAsync(reader, writer, options);
    }

    private static async Coroutine<AsyncioWebSocket> AcceptCoreAsync(
        AsyncStreamReader reader, AsyncStreamWriter writer, AsyncioWebSocketOptions options)
    {
        var request = await Asyncio.Timeout(options.HandshakeTimeout, _ => WebSocketRequest.ReadAsync(reader, options.Origins));
        if (request.Refusal is { } refusal)
        {
            writer.Write(refusal.ToBytes());
            await writer.DrainAsync();
            throw new WebSocketException(WebSocketError.NotAWebSocket, $"{writer.RemoteEndPoint} gets no WebSocket: {refusal.Reason}");
        }
        var protocol = options.SubProtocols.FirstOrDefault(own => request.SubProtocols.Contains(own));
        writer.Write(request.Accept(protocol));
        await writer.DrainAsync();
        var served = new ServedConnection(writer, options.CloseTimeout);
        var socket = WebSocket.CreateFromStream(served, new WebSocketCreationOptions
        {
            IsServer = true,
            SubProtocol = protocol,
            KeepAliveInterval = options.KeepAliveInterval,
            KeepAliveTimeout = options.KeepAliveTimeout,
        });
        return new AsyncioWebSocket(socket, options, null, served, request);
    }

    private static async Coroutine ServeAsync(
        Func<AsyncioWebSocket, Coroutine> connected, AsyncStreamReader reader, AsyncStreamWriter writer, AsyncioWebSocketOptions options)
    {
        await using (writer)
        {
            AsyncioWebSocket socket;
            try
            {
                socket = await AcceptCoreAsync(reader, writer, options);
            }
            catch (Exception e) when (e is WebSocketException or IOException or LimitOverrunException or TimeoutException)
            {
                return; // a port scanner, a browser without patience
            }
            await using (socket)
            {
                try
                {
                    await connected(socket);
                    await socket.CloseAsync();
                }
                catch (WebSocketException e) when (socket.Socket.State != WebSocketState.Open && !ReferenceEquals(e, socket._misuse))
                {
                    // The client has vanished, or does not keep to the rules, as clients do. It is another matter if the handler itself has
                    // closed the connection, and goes on to send.
                }
            }
        }
    }
}
