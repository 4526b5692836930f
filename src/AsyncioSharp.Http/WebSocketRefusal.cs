using System.Text;

namespace AsyncioSharp.Http;

/// <summary>Why a client gets no WebSocket.</summary>
/// <param name="Status">The answer's status.</param>
/// <param name="Reason">The same in words.</param>
internal sealed record WebSocketRefusal(string Status, string Reason)
{
    public WebSocketRefusal(string reason)
        : this("400 Bad Request", reason)
    {
    }

    /// <summary>The answer that tells so.</summary>
    public byte[] ToBytes()
    {
        var body = Encoding.UTF8.GetBytes($"{Reason}\n");
        return
        [
            .. Encoding.Latin1.GetBytes($"HTTP/1.1 {Status}\r\n" +
                $"Connection: close\r\nSec-WebSocket-Version: 13\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\n\r\n"),
            .. body,
        ];
    }
}
