namespace AsyncioSharp.Http;

/// <summary>Enumerates the messages of an <see cref="AsyncioWebSocket"/>; <c>await foreach</c> over it makes one.</summary>
public sealed class MessageEnumerator
{
    private readonly AsyncioWebSocket _socket;

    internal MessageEnumerator(AsyncioWebSocket socket) => _socket = socket;

    /// <summary>The message.</summary>
    public WebSocketMessage Current { get; private set; }

    /// <summary>Waits for the next message.</summary>
    /// <returns>False if the peer has closed the connection.</returns>
    public async Coroutine<bool> MoveNextAsync()
    {
        if (await _socket.ReceiveAsync() is not { } message)
            return false;
        Current = message;
        return true;
    }
}
