using System.Net;
using System.Text;
using AsyncioSharp.Tests;

namespace AsyncioSharp.Http.Tests;

/// <summary>The base of suites that make requests: the loop, Kestrel, and servers of streams that behave as told.</summary>
public abstract class OnHttp(EventLoop loop, Kestrel kestrel) : OnNetwork(loop)
{
    protected Kestrel Kestrel => kestrel;

    /// <summary>A client on the running loop that accepts the server's certificate.</summary>
    protected static HttpClient NewClient(
        Action<SocketsHttpHandler>? configure = null, AsyncioHttpOptions? options = null, Version? version = null) =>
        new(AsyncioHttpHandler.Create(sockets =>
        {
            sockets.UseProxy = false;
            Trust(sockets);
            configure?.Invoke(sockets);
        }, options))
        {
            DefaultRequestVersion = version ?? HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

    protected static void Trust(SocketsHttpHandler sockets) => sockets.SslOptions.RemoteCertificateValidationCallback =
        static (_, certificate, _, _) => certificate is not null && certificate.GetCertHashString() == Certificates.Localhost.GetCertHashString();

    /// <summary>The address of a server of streams.</summary>
    protected static Uri Address(Server server, string path = "", string scheme = "http") => new($"{scheme}://127.0.0.1:{Port(server)}/{path}");

    /// <summary>Starts a server of WebSockets on a free port of 127.0.0.1.</summary>
    protected static Coroutine<Server> ServeAsync(Func<AsyncioWebSocket, Coroutine> connected, AsyncioWebSocketOptions? options = null) =>
        AsyncioWebSocket.StartServerAsync(connected, "127.0.0.1", 0, options);

    /// <summary>Connects a WebSocket to a server.</summary>
    protected static Coroutine<AsyncioWebSocket> OpenAsync(Server server, string path = "", AsyncioWebSocketOptions? options = null) =>
        AsyncioWebSocket.ConnectAsync(Address(server, path, "ws"), options: options);

    /// <summary>Reads the head of a request.</summary>
    protected static async Coroutine<string> ReadHeadAsync(AsyncStreamReader reader)
    {
        try
        {
            return Encoding.Latin1.GetString(await reader.ReadUntilAsync("\r\n\r\n"u8.ToArray()));
        }
        catch (IncompleteReadException)
        {
            return ""; // the client has gone
        }
    }

    protected static void Write(AsyncStreamWriter writer, string text) => writer.Write(Encoding.Latin1.GetBytes(text));

    /// <summary>How many of the loop's turns pass until a task has ended.</summary>
    protected static async Coroutine<int> TurnsUntilEndAsync(AsyncioTask task)
    {
        var turns = 0;
        for (; !task.IsCompleted && turns < 1000; turns++)
            await Asyncio.Yield();
        return turns;
    }
}
