using AsyncioSharp;
using AsyncioSharp.Echo;
using AsyncioSharp.LowLevel;

// An echo server to be measured. With BYTES each request of so many bytes is answered by itself.
const string Usage = "usage: AsyncioSharp.Echo protocol|streams|sockets PORT [BYTES|metrics|turns], or AsyncioSharp.Echo pipelines PORT BYTES";
if (args is not [("protocol" or "streams" or "sockets" or "pipelines") and var kind, var word, .. ([] or [_]) and var rest]
    || !int.TryParse(word, out var port))
{
    return Refuse();
}
var size = 0;
using IDisposable? metrics = rest switch
{
    ["metrics"] => new MetricsReader(),
    ["turns"] => new MetricsTurns(),
    _ => null,
};
if (metrics is null && rest is [var bytes] && (!int.TryParse(bytes, out size) || size <= 0) || kind == "pipelines" && size == 0)
    return Refuse();

if (kind == "pipelines")
{
    await OnSockets.ServeAsync(port, socket => OnPipelines.AnswerAsync(socket, size));
    return 0;
}
if (kind == "sockets")
{
    await OnSockets.ServeAsync(port, size == 0 ? OnSockets.EchoAsync : socket => OnSockets.AnswerAsync(socket, size));
    return 0;
}

var options = new ServerOptions { Backlog = 1024 };
Asyncio.Run(async () =>
{
    var server = (kind, size) switch
    {
        ("protocol", 0) => await EventLoop.Running.CreateServerAsync(() => new EchoProtocol(), "127.0.0.1", port, options),
        ("protocol", _) => await EventLoop.Running.CreateServerAsync(() => new AnsweringProtocol(size), "127.0.0.1", port, options),
        (_, 0) => await Asyncio.StartServerAsync(OnStreams.EchoAsync, "127.0.0.1", port, options),
        _ => await Asyncio.StartServerAsync((reader, writer) => OnStreams.AnswerAsync(reader, writer, size), "127.0.0.1", port, options),
    };
    await server.ServeForeverAsync();
});
return 0;

static int Refuse()
{
    Console.Error.WriteLine(Usage);
    return 2;
}
