using System.Security.Cryptography;
using System.Text;

namespace AsyncioSharp.Http;

/// <summary>The request with which a client asks for a WebSocket (RFC 6455, section 4).</summary>
internal sealed class WebSocketRequest
{
    private readonly Dictionary<string, string> _headers = new(StringComparer.OrdinalIgnoreCase);

    private WebSocketRequest(string head, IReadOnlyList<string>? origins)
    {
        var lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var words = lines.Length > 0 ? lines[0].Split(' ') : [];
        Path = words.Length == 3 ? words[1] : "";
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':');
            if (colon <= 0)
                continue;
            var (name, value) = (line[..colon], line[(colon + 1)..].Trim());
            // A header that comes several times is a list, as if it had come once.
            _headers[name] = _headers.TryGetValue(name, out var before) ? $"{before}, {value}" : value;
        }
        Refusal = Examine(words) ?? (IsFrom(origins) ? null : new("403 Forbidden", $"pages of {_headers["Origin"]} may not connect to this server"));
    }

    /// <summary>The path and query.</summary>
    public string Path { get; }

    /// <summary>The headers.</summary>
    public IReadOnlyDictionary<string, string> Headers => _headers;

    /// <summary>Why it is not granted; null if it is.</summary>
    public WebSocketRefusal? Refusal { get; }

    /// <summary>The sub-protocols that the client speaks.</summary>
    public string[] SubProtocols => List("Sec-WebSocket-Protocol");

    private string Key => _headers.GetValueOrDefault("Sec-WebSocket-Key", "");

    /// <summary>Reads a request.</summary>
    /// <param name="reader">The connection's reader.</param>
    /// <param name="origins">Whose pages may connect; null for all.</param>
    public static async Coroutine<WebSocketRequest> ReadAsync(AsyncStreamReader reader, IReadOnlyList<string>? origins) =>
        new(Encoding.Latin1.GetString(await reader.ReadUntilAsync("\r\n\r\n"u8.ToArray())), origins);

    /// <summary>The answer that grants it.</summary>
    public byte[] Accept(string? protocol)
    {
#pragma warning disable CA5350 // SHA-1 is what the RFC asks for; it protects nothing here
        var key = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes($"{Key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        var chosen = protocol is null ? "" : $"Sec-WebSocket-Protocol: {protocol}\r\n";
        return Encoding.Latin1.GetBytes(
            $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {key}\r\n{chosen}\r\n");
    }

    private WebSocketRefusal? Examine(string[] words)
    {
        if (words.Length != 3 || words[0] != "GET" || words[2] != "HTTP/1.1")
            return new("this server speaks WebSocket only, which begins with GET over HTTP/1.1");
        if (!List("Upgrade").Contains("websocket", StringComparer.OrdinalIgnoreCase)
            || !List("Connection").Contains("upgrade", StringComparer.OrdinalIgnoreCase))
        {
            return new("this server speaks WebSocket only: there is no 'Upgrade: websocket'");
        }
        if (_headers.GetValueOrDefault("Sec-WebSocket-Version") != "13")
            return new("the version of WebSocket must be 13");
        var key = new byte[16];
        return Convert.TryFromBase64String(Key, key, out var length) && length == 16
            ? null
            : new("the Sec-WebSocket-Key must be 16 bytes in base 64");
    }

    // Only browsers send an origin, and they cannot be kept from it: what sends none is no page.
    private bool IsFrom(IReadOnlyList<string>? origins) =>
        origins is null || !_headers.TryGetValue("Origin", out var origin) || origins.Contains(origin, StringComparer.OrdinalIgnoreCase);

    private string[] List(string header) =>
        _headers.GetValueOrDefault(header, "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
