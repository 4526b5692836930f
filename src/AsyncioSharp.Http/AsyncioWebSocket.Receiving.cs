using System.Buffers;
using System.Net.WebSockets;

namespace AsyncioSharp.Http;

// Receiving is a task of its own: .NET ends a connection whose receive is cancelled, but whoever waits here for a message for
// some time only may wait for it again.
public sealed partial class AsyncioWebSocket
{
    private const int Room = 4096;
    private const int MostKept = 64 * 1024;

    private ArrayBufferWriter<byte> _received = new(Room);
    private AsyncioTask<WebSocketMessage?>? _receiving;
    private WebSocketException? _refusal;
    private bool _isAwaited;

    /// <summary>Receives a message (<c>receive()</c>).</summary>
    /// <returns>The message; null if the peer has closed the connection, which is then closed here, too.</returns>
    /// <exception cref="WebSocketException">The connection was lost, or a message longer than
    /// <see cref="AsyncioWebSocketOptions.MaxMessageSize"/>.</exception>
    /// <exception cref="InvalidOperationException">Another task receives.</exception>
    public async Coroutine<WebSocketMessage?> ReceiveAsync()
    {
        if (_isAwaited)
        {
            throw new InvalidOperationException(
                "Another task receives from this WebSocket. Have one task receive, and hand out what comes, for example through an AsyncQueue.");
        }
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
        return ended is { IsCanceled: false, Exception: not OperationCanceledException }
            ? ended.Result
            : throw Ended(ended.IsCanceled ? null : ended.Exception);
    }

    /// <summary>Enumerates the messages until the peer closes the connection: <c>await foreach</c>.</summary>
    public MessageEnumerator GetAsyncEnumerator() => new(this);

    private async Coroutine<WebSocketMessage?> ReceiveMessageAsync()
    {
        if (Socket.CloseStatus is not null)
            return null;
        if (_refusal is not null)
            throw new WebSocketException(_refusal.WebSocketErrorCode, _refusal.Message); // what comes still belongs to that message
        _received.ResetWrittenCount();
        for (; ; )
        {
            var part = await Socket.ReceiveAsync(_received.GetMemory(Room), Asyncio.CancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                await AnswerCloseAsync();
                return null;
            }
            _received.Advance(part.Count);
            if (_received.WrittenCount > _options.MaxMessageSize)
                await RefuseAsync();
            if (part.EndOfMessage)
                return new WebSocketMessage(part.MessageType, TakeReceived());
        }
    }

    // A long message keeps its memory, which is not held here until the next one of that length.
    private ReadOnlyMemory<byte> TakeReceived()
    {
        if (_received.Capacity <= MostKept)
            return _received.WrittenSpan.ToArray();
        var message = _received.WrittenMemory;
        _received = new ArrayBufferWriter<byte>(Room);
        return message;
    }

    private async Coroutine AnswerCloseAsync()
    {
        if (Socket.State != WebSocketState.CloseReceived)
            return;
        try
        {
            await CloseOutputAsync(Socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure, null);
        }
        catch (WebSocketException)
        {
            Socket.Abort(); // the peer has closed, and has not waited for an answer
        }
    }

    // A peer that takes nothing is not waited for longer than by a close.
    private async Coroutine CloseOutputAsync(WebSocketCloseStatus status, string? description)
    {
        try
        {
            await Asyncio.Timeout(_options.CloseTimeout, async _ => await Socket.CloseOutputAsync(status, description, Asyncio.CancellationToken));
        }
        catch (TimeoutException)
        {
            Abort();
        }
    }

    private async Coroutine RefuseAsync()
    {
        _refusal = new WebSocketException(WebSocketError.HeaderError,
            $"A message of more than {_options.MaxMessageSize} bytes has come, and the connection is closed. " +
            "AsyncioWebSocketOptions.MaxMessageSize allows for more.");
        await CloseOutputAsync(WebSocketCloseStatus.MessageTooBig, $"more than {_options.MaxMessageSize} bytes");
        throw _refusal;
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
