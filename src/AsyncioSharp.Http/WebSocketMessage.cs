using System.Net.WebSockets;
using System.Text;

namespace AsyncioSharp.Http;

/// <summary>What came over a WebSocket (<c>aiohttp.WSMessage</c>).</summary>
/// <param name="Type">Text or binary.</param>
/// <param name="Data">The message; of a text its UTF-8.</param>
public readonly record struct WebSocketMessage(WebSocketMessageType Type, ReadOnlyMemory<byte> Data)
{
    /// <summary>Whether it is a text.</summary>
    public bool IsText => Type == WebSocketMessageType.Text;

    /// <summary>The data as text.</summary>
    public string Text => Encoding.UTF8.GetString(Data.Span);

    /// <summary>The text, or how long the data is.</summary>
    public override string ToString() => IsText ? Text : $"{Data.Length} bytes";
}
