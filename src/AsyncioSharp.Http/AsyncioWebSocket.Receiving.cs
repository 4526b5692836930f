using System.Buffers;
using System.Net.WebSockets;

namespace AsyncioSharp.Http;

// Receiving is a task of its own: .NET ends a connection whose receive is cancelled, but whoever waits here for a message for
// some time only may wait for it again.
public sealed partial class AsyncioWebSocket
{
    private const int Room = 4096;

    private readonly ArrayBufferWriter<byte> _received = new(Room);
    private AsyncioTask<WebSocketMessage?>? _receiving;
    private bool _isAwaited;

    /// <summary>Receives a message (<c>receive()</c>).</summary>
    /// <returns>The message; null if the peer has closed the connection, which is then closed here, too.</returns>
    /// <exception cref="WebSocketException">The connection was lost, or a message longer than
    /// <see cref="AsyncioWebSocketOptions.MaxMessageSize"/>.</exception>
    /// <exception cref="InvalidOperationException">Another task receives.</exception>
    public async Coroutine<WebSocketMessage?> ReceiveAsync()
    {
        if (_isAwaited)
            throw new InvalidOperationException("Another task receives from this WebSocket. Have one task receive, and hand out what comes, for example through an AsyncQueue.");
        _receiving ??= Asyncio.CreateTask(ReceiveMessageAsync(), "WebSocket receive", eagerStart: true);
        _isAwaited = true;
        try
        {
            if (!_receiving.IsCompleted)
                await Asyncio.Wait([_receiving]);
        }
        finally
        {
            _isAwaited = false;
        }
        var ended = _receiving;
        _receiving = null;
        return !ended.IsCanceled
            ? ended.Result
            : throw new WebSocketException(WebSocketError.InvalidState, "The WebSocket was disposed of while a task was receiving from it.");
    }

    /// <summary>Enumerates the messages until the peer closes the connection: <c>await foreach</c>.</summary>
    public MessageEnumerator GetAsyncEnumerator() => new(this);

    private async Coroutine<WebSocketMessage?> ReceiveMessageAsync()
    {
        if (Socket.State == WebSocketState.Closed)
            return null;
        _received.ResetWrittenCount();
        for (; ; )
        {
            var part = await Socket.ReceiveAsync(_received.GetMemory(Room), Asyncio.CancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                if (Socket.State == WebSocketState.CloseReceived)
                    await Socket.CloseOutputAsync(Socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure, null, Asyncio.CancellationToken);
                return null;
            }
            _received.Advance(part.Count);
            if (_received.WrittenCount > _options.MaxMessageSize)
                await RefuseAsync();
            if (part.EndOfMessage)
                return new WebSocketMessage(part.MessageType, _received.WrittenSpan.ToArray());
        }
    }

    private async Coroutine RefuseAsync()
    {
        await Socket.CloseOutputAsync(WebSocketCloseStatus.MessageTooBig, $"more than {_options.MaxMessageSize} bytes", Asyncio.CancellationToken);
        throw new WebSocketException(WebSocketError.HeaderError,
            $"A message of more than {_options.MaxMessageSize} bytes has come, and the connection is closed. AsyncioWebSocketOptions.MaxMessageSize allows for more.");
    }

    private async Coroutine EndReceivingAsync()
    {
        if (_receiving is not { } receiving)
            return;
        // That the connection is lost is what was asked for, and to be reported by nobody.
        receiving.AddDoneCallback(static ended => _ = ended.IsFaulted ? ended.Exception : null);
        receiving.Cancel();
        await Asyncio.Wait([receiving]);
    }
}
