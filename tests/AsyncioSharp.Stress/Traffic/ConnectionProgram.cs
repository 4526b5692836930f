using System.Net;

namespace AsyncioSharp.Stress.Traffic;

/// <summary>A few connections at a time, on one loop, or on two between which they move.</summary>
internal sealed class ConnectionProgram
{
    // By many short waits rather than a long one: a process that was held up meanwhile has its time all the same.
    private const int MaxWaits = 200;
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(0.1);

    private readonly LoopKind _kind;
    private readonly List<ExceptionContext> _reports = [];
    private readonly LoopGroup _group;
    private readonly Pair[] _pairs;

    private ConnectionProgram(LoopKind kind, int seed, bool moves, string file)
    {
        _kind = kind;
        var runner = new RunnerOptions { LoopFactory = NewLoop, HandleInterrupt = false, TaskShutdownTimeout = TimeSpan.FromSeconds(1) };
        _group = LoopGroup.Start(new LoopGroupOptions { Count = moves ? 2 : 1, Runner = runner });
        var random = new Random(seed);
        _pairs = new Pair[1 + random.Next(4)];
        for (var i = 0; i < _pairs.Length; i++)
            _pairs[i] = new Pair(random.Next(), !moves && random.Next(3) == 0, file, _group.Loops);
    }

    /// <summary>Runs one.</summary>
    /// <returns>What went wrong.</returns>
    public static async Task<string?> RunAsync(LoopKind kind, int seed, bool moves, string file)
    {
        var program = new ConnectionProgram(kind, seed, moves, file);
        await using var _ = program._group;
        var running = program._group.RunAsync(program._group.Loops[0], program.ServeAndConnectAsync);
        for (var i = 0; i < MaxWaits && !running.IsCompleted; i++)
            await Task.WhenAny(running, Task.Delay(s_wait));
        if (running.IsCompleted)
            await running;
        return program.Judge(running.IsCompleted) is { } mistake
            ? $"{kind}, {(moves ? "moving, " : "")}seed {seed}: {mistake}\n\n{string.Join("\n\n", program._pairs.AsEnumerable())}"
            : null;
    }

    private string? Judge(bool hasEnded)
    {
        if (!hasEnded)
            return "it does not come to its end";
        lock (_reports)
        {
            if (_reports.Count > 0)
                return $"the loop has reported: {_reports[0].Message} {_reports[0].Exception}";
        }
        return Array.Find(_pairs, static pair => pair.Mistake is not null)?.Mistake;
    }

    private async Coroutine ServeAndConnectAsync()
    {
        var waiting = new Dictionary<string, Pair>();
        await using var server = await Asyncio.StartServerAsync(
            async (reader, writer) =>
            {
                Pair? pair;
                while (!waiting.TryGetValue($"{writer.RemoteEndPoint}", out pair))
                    await Asyncio.Sleep(TimeSpan.FromTicks(1));
                await pair.Server.LiveAsync(reader, writer);
            },
            "127.0.0.1",
            0);
        var port = ((IPEndPoint)server.Sockets[0].LocalEndPoint!).Port;
        List<AsyncioTask> clients = [];
        foreach (var pair in _pairs)
        {
            var (reader, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", port);
            waiting.Add($"{writer.LocalEndPoint}", pair);
            clients.Add(Asyncio.CreateTask(pair.Client.LiveAsync(reader, writer)));
        }
        foreach (var client in clients)
            await client;
        while (!Array.TrueForAll(_pairs, static pair => pair.Server.HasEnded))
            await Asyncio.Sleep(TimeSpan.FromTicks(1));
    }

    private EventLoop NewLoop()
    {
        EventLoop loop = _kind switch
        {
            LoopKind.Epoll => new EpollEventLoop(),
            LoopKind.IoUring => new IoUringEventLoop(),
            _ => new PortableEventLoop(),
        };
        loop.ExceptionHandler = (_, report) =>
        {
            lock (_reports)
                _reports.Add(report);
        };
        return loop;
    }
}
