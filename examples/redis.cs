#:project ../src/AsyncioSharp/AsyncioSharp.csproj

// A small Redis client over streams, as aioredis was over asyncio's: commands of many tasks share a connection and are
// pipelined without anybody asking for that, subscriptions are read with await foreach, a pool lends connections for commands
// that block.
//
//   dotnet run examples/redis.cs                    starts a redis-server of its own on a free port
//   dotnet run examples/redis.cs -- 127.0.0.1 6379  uses yours; writes keys that begin with "example:"
//   dotnet run examples/redis.cs -- --listen        then prints what is published on the channel "example:news", until Ctrl-C

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using AsyncioSharp;
using AsyncioSharp.LowLevel;

var listens = args.Contains("--listen");
(string Host, int Port)? address = null;
switch (args.Where(argument => argument != "--listen").ToArray())
{
    case []:
        break;
    case [var host, var port] when int.TryParse(port, out var number):
        address = (host, number);
        break;
    default:
        Console.Error.WriteLine("usage: redis [HOST PORT] [--listen]");
        return 2;
}
try
{
    Asyncio.Run(async () =>
    {
        if (address is var (host, port))
            await ShowAsync(host, port, listens);
        else
            await RedisServer.WithAsync(async port => await ShowAsync("127.0.0.1", port, listens));
    });
    return 0;
}
catch (OperationCanceledException)
{
    Console.WriteLine("Bye."); // Ctrl-C
    return 0;
}
catch (Exception e) when (Cause(e) is MissingServerException or RedisException or SocketException or IOException)
{
    Console.Error.WriteLine($"redis: {Cause(e).Message}");
    return 2;
}

// A group's failures come as an aggregate.
static Exception Cause(Exception e) => e is AggregateException { InnerExceptions: [var only] } ? Cause(only) : e;

static async Coroutine ShowAsync(string host, int port, bool listens)
{
    await using var redis = await RedisConnection.OpenAsync(host, port);
    await redis.CallAsync("DEL", "example:counter", "example:queue", "example:text");

    // Ten thousand commands of a thousand tasks: they travel together, as many as there are at the moment.
    var clock = Stopwatch.StartNew();
    await TaskGroup.RunAsync(async group =>
    {
        for (var i = 0; i < 1000; i++)
            group.StartSoon(CountAsync(redis));
    });
    Console.WriteLine($"counted to {await redis.CallAsync("GET", "example:counter")} in {clock.Elapsed.TotalSeconds:F2} s, " +
        $"{redis.Writes} writes for {redis.Commands} commands");

    // A failed command is an exception, and the connection goes on.
    await redis.CallAsync("SET", "example:text", "not a number");
    try
    {
        await redis.CallAsync("INCR", "example:text");
    }
    catch (RedisException e)
    {
        Console.WriteLine($"refused: {e.Message}");
    }

    // BLPOP holds up its connection until there is something, so it gets one from a pool.
    await using var pool = new RedisPool(host, port, size: 4);
    var taken = Asyncio.Gather(Enumerable.Range(0, 8).Select(_ => pool.CallAsync("BLPOP", "example:queue", "0")));
    for (var i = 0; i < 8; i++)
        await redis.CallAsync("RPUSH", "example:queue", $"job {i}");
    Console.WriteLine($"taken through a pool of {pool.Size}: {string.Join(", ", (await taken).Select(reply => reply.Items[1].ToString()).Order())}");

    // Cancelled in the middle of a command, the connection does not go back to the pool: its answer would be the next one's.
    var timedOut = !await FinishesAsync(0.1, async () => await pool.CallAsync("BLPOP", "example:queue", "0"));
    Console.WriteLine($"given up in time: {timedOut}; answer to the next command: {await pool.CallAsync("PING")}");

    await using var subscription = await RedisSubscription.OpenAsync(host, port, "example:news");
    for (var i = 1; i <= 3; i++)
        await redis.CallAsync("PUBLISH", "example:news", $"message {i}");
    var left = 3;
    await foreach (var message in subscription)
    {
        Console.WriteLine($"news: {message}");
        if (--left == 0 && !listens)
            break;
        if (left == 0)
            Console.WriteLine($"listening on port {port}");
    }
}

static async Coroutine CountAsync(RedisConnection redis)
{
    for (var i = 0; i < 10; i++)
        await redis.CallAsync("INCR", "example:counter");
}

static async Coroutine<bool> FinishesAsync(double seconds, Func<Coroutine> body) => !await Asyncio.MoveOnAfter(seconds, async _ => await body());

/// <summary>A connection that many tasks use at once: commands go out in order, and so come the answers.</summary>
sealed class RedisConnection : IAsyncDisposable
{
    private readonly AsyncStreamReader _reader;
    private readonly AsyncStreamWriter _writer;
    private readonly Queue<Future<RedisReply>> _waiting = new();
    private readonly MemoryStream _unsent = new();
    private readonly AsyncioTask _reading;
    private Exception? _end;

    private RedisConnection(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        (_reader, _writer) = (reader, writer);
        _reading = Asyncio.CreateTask(ReadAsync(), "redis reader");
    }

    public int Commands { get; private set; }

    public int Writes { get; private set; }

    /// <summary>Whether it can be used, and no answer is under way.</summary>
    public bool IsIdle => _waiting.Count == 0 && _end is null;

    public static async Coroutine<RedisConnection> OpenAsync(string host, int port)
    {
        var (reader, writer) = await Asyncio.OpenConnectionAsync(host, port);
        return new RedisConnection(reader, writer);
    }

    /// <summary>Sends a command and waits for its answer.</summary>
    /// <exception cref="RedisException">The server refused it.</exception>
    public async Coroutine<RedisReply> CallAsync(params string[] command)
    {
        if (_end is not null)
            throw new RedisException($"The connection has ended: {_end.Message}");
        // What the tasks of this turn of the loop have to say goes out in one piece, in the next.
        if (_unsent.Length == 0)
            EventLoop.Running.CallSoon(static connection => connection.Send(), this);
        Resp.WriteCommand(_unsent, command);
        Commands++;
        var reply = EventLoop.Running.CreateFuture<RedisReply>();
        _waiting.Enqueue(reply);
        // Cancelled, only this wait ends. The answer still comes, and has its place in the order.
        return (await reply).OrThrow();
    }

    private void Send()
    {
        Writes++;
        _writer.Write(_unsent.GetBuffer().AsSpan(0, (int)_unsent.Length));
        _unsent.SetLength(0);
    }

    private async Coroutine ReadAsync()
    {
        try
        {
            for (; ; )
            {
                var reply = await Resp.ReadAsync(_reader);
                _waiting.Dequeue().TrySetResult(reply);
            }
        }
        catch (Exception e) when (e is IOException or RedisException or SocketException)
        {
            _end = e;
        }
        finally
        {
            _end ??= new RedisException("it was closed");
            while (_waiting.TryDequeue(out var waiting))
                waiting.TrySetException(new RedisException($"The connection ended before the answer came: {_end.Message}"));
        }
    }

    public async Coroutine DisposeAsync()
    {
        _reading.Cancel();
        await Asyncio.Wait([_reading]);
        await _writer.DisposeAsync();
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();
}

/// <summary>Lends connections, at most so many, each to one task at a time.</summary>
sealed class RedisPool(string host, int port, int size) : IAsyncDisposable
{
    private readonly AsyncSemaphore _room = new(size);
    private readonly Stack<RedisConnection> _idle = new();

    public int Size => size;

    public async Coroutine<RedisReply> CallAsync(params string[] command)
    {
        using var place = await _room.AcquireAsync();
        if (!_idle.TryPop(out var connection))
            connection = await RedisConnection.OpenAsync(host, port);
        try
        {
            return await connection.CallAsync(command);
        }
        finally
        {
            // Cancelled in the middle of a command it is of no use any more: the server may still work on that.
            if (connection.IsIdle)
                _idle.Push(connection);
            else
                await connection.DisposeAsync();
        }
    }

    public async Coroutine DisposeAsync()
    {
        while (_idle.TryPop(out var connection))
            await connection.DisposeAsync();
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();
}

/// <summary>The messages of a channel: <c>await foreach (var message in subscription)</c>.</summary>
sealed class RedisSubscription : IAsyncDisposable
{
    private readonly AsyncStreamReader _reader;
    private readonly AsyncStreamWriter _writer;

    private RedisSubscription(AsyncStreamReader reader, AsyncStreamWriter writer) => (_reader, _writer) = (reader, writer);

    public static async Coroutine<RedisSubscription> OpenAsync(string host, int port, string channel)
    {
        var (reader, writer) = await Asyncio.OpenConnectionAsync(host, port);
        using var command = new MemoryStream();
        Resp.WriteCommand(command, ["SUBSCRIBE", channel]);
        writer.Write(command.ToArray());
        (await Resp.ReadAsync(reader)).OrThrow(); // from here on nothing is missed
        return new RedisSubscription(reader, writer);
    }

    public async IAsyncEnumerator<string> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        for (; ; )
            yield return (await Resp.ReadAsync(_reader)).Items[2].ToString();
    }

    public Coroutine DisposeAsync() => _writer.DisposeAsync();

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();
}

/// <summary>The protocol: https://redis.io/docs/latest/develop/reference/protocol-spec/</summary>
static class Resp
{
    public static void WriteCommand(Stream stream, IReadOnlyCollection<string> command)
    {
        stream.Write(Encoding.ASCII.GetBytes($"*{command.Count}\r\n"));
        foreach (var word in command)
        {
            stream.Write(Encoding.ASCII.GetBytes($"${Encoding.UTF8.GetByteCount(word)}\r\n"));
            stream.Write(Encoding.UTF8.GetBytes(word));
            stream.Write("\r\n"u8);
        }
    }

    public static async Coroutine<RedisReply> ReadAsync(AsyncStreamReader reader)
    {
        var line = Encoding.UTF8.GetString(await reader.ReadLineAsync());
        if (!line.EndsWith("\r\n", StringComparison.Ordinal))
            throw new EndOfStreamException("the server has ended the connection");
        var text = line[1..^2];
        switch (line[0])
        {
            case '+' or ':':
                return new RedisReply(text);
            case '-':
                return new RedisReply(null, Error: text);
            case '$' when int.Parse(text) is var length:
                if (length < 0)
                    return new RedisReply(null);
                var data = await reader.ReadExactlyAsync(length + 2);
                return new RedisReply(Encoding.UTF8.GetString(data.AsSpan(0, length)));
            case '*' when int.Parse(text) is var count:
                var items = new List<RedisReply>();
                for (var i = 0; i < count; i++)
                    items.Add(await ReadAsync(reader));
                return new RedisReply(null) { Items = items };
            default:
                throw new RedisException($"This is no Redis server: it said '{line.TrimEnd()}'.");
        }
    }
}

sealed record RedisReply(string? Text, string? Error = null)
{
    public IReadOnlyList<RedisReply> Items { get; init; } = [];

    public RedisReply OrThrow() => Error is null ? this : throw new RedisException(Error);

    public override string ToString() => Text ?? "nothing";
}

/// <summary>A server for as long as the program runs.</summary>
static class RedisServer
{
    public static async Coroutine WithAsync(Func<int, Coroutine> body)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, "redis-server"))))
        {
            throw new MissingServerException(
                "There is no redis-server to start. Install it (Debian and Ubuntu: apt-get install redis-server; " +
                "Fedora: dnf install redis), or say where one runs: HOST PORT.");
        }
        var port = FreePort();
        var options = new SubprocessOptions { NewSession = true, StandardOutput = Stdio.Pipe }; // Ctrl-C is not for the server
        await using var server = await Asyncio.CreateSubprocessExecAsync(
            "redis-server", ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"], options);
        await TaskGroup.RunAsync(async group =>
        {
            await group.StartAsync(ready => ReadLogAsync(server, ready));
            await body(port);
            group.Cancel();
        });
    }

    // To the end: what nobody reads would fill the pipe, and hold up the server.
    private static async Coroutine ReadLogAsync(Subprocess server, StartSignal ready)
    {
        var isReady = false;
        var last = "";
        await foreach (var line in server.StandardOutput!)
        {
            last = Encoding.UTF8.GetString(line).TrimEnd();
            if (isReady || !last.Contains("eady to accept connections", StringComparison.Ordinal))
                continue;
            isReady = true;
            ready.Set();
        }
        throw new MissingServerException($"redis-server has ended: {last}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

sealed class RedisException(string message) : Exception(message);

sealed class MissingServerException(string message) : Exception(message);
