using System.Buffers;
using AsyncioSharp;
using AsyncioSharp.Echo;
using AsyncioSharp.LowLevel;

// An echo server to be measured:   AsyncioSharp.Echo protocol|streams|sockets PORT [metrics|turns]
if (args is not [("protocol" or "streams" or "sockets") and var kind, var port, .. ([] or ["metrics" or "turns"]) and var rest] || !int.TryParse(port, out var number))
{
    Console.Error.WriteLine("usage: AsyncioSharp.Echo protocol|streams|sockets PORT [metrics|turns]");
    return 2;
}
using IDisposable? metrics = rest switch
{
    ["metrics"] => new MetricsReader(),
    ["turns"] => new MetricsTurns(),
    _ => null,
};

if (kind == "sockets")
{
    await OnSockets.ServeAsync(number);
    return 0;
}

const int BufferSize = 256 * 1024;
var options = new ServerOptions { Backlog = 1024 };
Asyncio.Run(async () =>
{
    var server = kind == "protocol"
        ? await EventLoop.Running.CreateServerAsync(() => new EchoProtocol(), "127.0.0.1", number, options)
        : await Asyncio.StartServerAsync(ServeAsync, "127.0.0.1", number, options);
    await server.ServeForeverAsync();
});
return 0;

static async Coroutine ServeAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
{
    try
    {
        int count;
        do
        {
            // A buffer is needed only while there is something in it: all connections share a few, which stay in the cache.
            await reader.WaitForDataAsync();
            var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
            count = await reader.ReadAsync(buffer);
            writer.Write(buffer.AsSpan(0, count));
            ArrayPool<byte>.Shared.Return(buffer);
            await writer.DrainAsync();
        }
        while (count > 0);
    }
    catch (IOException)
    {
        // the peer is gone
    }
    finally
    {
        writer.Close();
    }
}
