using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Tls;

/// <summary>The base of suites over TLS.</summary>
public abstract class OnTls(EventLoop loop) : OnNetwork(loop)
{
    protected static ServerOptions Serving => new() { Tls = Certificates.Server };

    protected static ConnectionOptions Connecting => new() { Tls = Certificates.Client };

    /// <summary>Connects streams over TLS to a peer on this machine.</summary>
    protected static Coroutine<(AsyncStreamReader Reader, AsyncStreamWriter Writer)> ConnectAsync(int port, ConnectionOptions? options = null) =>
        Asyncio.OpenConnectionAsync("127.0.0.1", port, options ?? Connecting);

    /// <summary>Connects a protocol over TLS to a peer on this machine.</summary>
    protected static Coroutine<(Transport Transport, TProtocol Protocol)> ConnectAsync<TProtocol>(
        int port, TProtocol protocol, ConnectionOptions? options = null)
        where TProtocol : StreamProtocol =>
        EventLoop.Running.CreateConnectionAsync(() => protocol, "127.0.0.1", port, options ?? Connecting);

    /// <summary>Connects a protocol to a peer on this machine, without TLS.</summary>
    protected static async Coroutine<Transport> ConnectPlainAsync(int port, StreamProtocol protocol) =>
        (await EventLoop.Running.CreateConnectionAsync(() => protocol, "127.0.0.1", port)).Transport;

    /// <summary>Sends back what comes.</summary>
    protected static async Coroutine EchoAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        await using (writer)
        {
            var buffer = new byte[64 * 1024];
            int count;
            while ((count = await reader.ReadAsync(buffer)) > 0)
            {
                writer.Write(buffer.AsSpan(0, count));
                await writer.DrainAsync();
            }
        }
    }
}
