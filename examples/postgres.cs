#:package Npgsql
#:project ../src/AsyncioSharp/AsyncioSharp.csproj

// A queue of jobs in PostgreSQL: whoever inserts one notifies, workers take them with FOR UPDATE SKIP LOCKED, and a job whose
// worker is stopped in the middle goes back to the queue. Everything runs on one thread, a pool of connections between them.
//
//   dotnet run examples/postgres.cs                                       starts a server of its own, in a temporary folder
//   dotnet run examples/postgres.cs -- "Host=…;Username=…;Database=…"      uses yours; makes the table "jobs" there
//
// Options: --jobs N (100) then ends; --forever until Ctrl-C, which lets every job in progress go back and says what was done.

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using AsyncioSharp;
using Npgsql;

int? jobs = 100;
string? connectionString = null;
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--forever":
            jobs = null;
            break;
        case "--jobs" when i + 1 < args.Length && int.TryParse(args[i + 1], out var count) && count > 0:
            jobs = count;
            i++;
            break;
        case var text when !text.StartsWith('-') && connectionString is null:
            connectionString = text;
            break;
        default:
            Console.Error.WriteLine("usage: postgres [CONNECTION STRING] [--jobs N | --forever]");
            return 2;
    }
}

try
{
    Asyncio.Run(async () =>
    {
        if (connectionString is not null)
        {
            await WorkAsync(connectionString, jobs);
            return;
        }
        await using var server = await PostgresServer.StartAsync();
        Console.WriteLine($"PostgreSQL runs on port {server.Port}.");
        await WorkAsync(server.ConnectionString, jobs);
    });
    return 0;
}
catch (OperationCanceledException)
{
    Console.WriteLine("Bye."); // Ctrl-C
    return 0;
}
catch (Exception e) when (e is MissingServerException or NpgsqlException)
{
    Console.Error.WriteLine($"postgres: {e.Message}");
    return 2;
}

static async Coroutine WorkAsync(string connectionString, int? jobs)
{
    await using var source = new NpgsqlDataSourceBuilder($"{connectionString};Maximum Pool Size=10").Build();
    var queue = new JobQueue(source);
    await queue.CreateAsync();
    var clock = Stopwatch.StartNew();
    try
    {
        await TaskGroup.RunAsync(async group =>
        {
            // The listener is ready before the first job is inserted, so that no notification is missed.
            await group.StartAsync(queue.ListenAsync, "listener");
            for (var i = 0; i < JobQueue.Workers; i++)
                group.StartSoon(queue.WorkAsync(), $"worker {i}");
            group.StartSoon(queue.ProduceAsync(jobs), "producer");
            await queue.UntilDoneAsync(jobs);
            group.Cancel();
        });
    }
    finally
    {
        // Also when Ctrl-C has cancelled this task: clean-up waits as ever, and here for no longer than a few seconds.
        await Asyncio.MoveOnAfter(5, async _ => await queue.ReportAsync(clock.Elapsed), shield: true);
    }
}

sealed class JobQueue(NpgsqlDataSource source)
{
    public const int Workers = 20;

    private readonly AsyncEvent _news = new();
    private readonly AsyncCondition _progress = new();
    private int _done;
    private int _returned;

    public async Coroutine CreateAsync() => await ExecuteAsync(
        """
        DROP TABLE IF EXISTS jobs;
        CREATE TABLE jobs (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number int NOT NULL, result bigint);
        CREATE INDEX ON jobs (id) WHERE result IS NULL;
        """);

    /// <summary>Inserts jobs, a few at a time, and tells the workers.</summary>
    public async Coroutine ProduceAsync(int? jobs)
    {
        for (var number = 1; jobs is null || number <= jobs; number++)
        {
            await using var insert = source.CreateCommand("WITH job AS (INSERT INTO jobs (number) VALUES ($1)) SELECT pg_notify('jobs', '')");
            insert.Parameters.Add(new() { Value = number });
            await insert.ExecuteNonQueryAsync(Asyncio.CancellationToken);
            if (number % 20 == 0)
                await Asyncio.Sleep(0.02);
        }
    }

    /// <summary>Wakes the workers when somebody, here or in another program, has inserted a job.</summary>
    public async Coroutine ListenAsync(StartSignal started)
    {
        await using var connection = await source.OpenConnectionAsync(Asyncio.CancellationToken);
        await using (var listen = new NpgsqlCommand("LISTEN jobs", connection))
            await listen.ExecuteNonQueryAsync(Asyncio.CancellationToken);
        started.Set();
        for (; ; )
        {
            await connection.WaitAsync(Asyncio.CancellationToken); // the token of this task: cancelled with it
            _news.Set();
        }
    }

    public async Coroutine WorkAsync()
    {
        for (; ; )
        {
            _news.Clear(); // before the look: what is inserted behind it is told
            if (!await TryWorkAsync())
                await _news.WaitAsync();
        }
    }

    /// <summary>Takes a job and does it, in one transaction: if that is cancelled or fails, the job is there again.</summary>
    private async Coroutine<bool> TryWorkAsync()
    {
        await using var connection = await source.OpenConnectionAsync(Asyncio.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(Asyncio.CancellationToken);
        long id;
        int number;
        const string oldest = "SELECT id, number FROM jobs WHERE result IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED";
        await using (var take = new NpgsqlCommand(oldest, connection))
        await using (var reader = await take.ExecuteReaderAsync(Asyncio.CancellationToken))
        {
            if (!await reader.ReadAsync(Asyncio.CancellationToken))
                return false;
            (id, number) = (reader.GetInt64(0), reader.GetInt32(1));
        }
        try
        {
            await Asyncio.Sleep(0.01); // what takes time in real jobs
            await using var finish = new NpgsqlCommand("UPDATE jobs SET result = $2 WHERE id = $1", connection);
            finish.Parameters.Add(new() { Value = id });
            finish.Parameters.Add(new() { Value = (long)number * number });
            await finish.ExecuteNonQueryAsync(Asyncio.CancellationToken);
            await transaction.CommitAsync(Asyncio.CancellationToken);
        }
        catch (OperationCanceledException)
        {
            _returned++;
            throw;
        }
        await CountAsync();
        return true;
    }

    public async Coroutine UntilDoneAsync(int? jobs)
    {
        using (await _progress.AcquireAsync())
            await _progress.WaitForAsync(() => _done == jobs);
    }

    public async Coroutine ReportAsync(TimeSpan elapsed)
    {
        await using var count = source.CreateCommand("SELECT count(*) FILTER (WHERE result IS NULL), coalesce(sum(result), 0)::bigint FROM jobs");
        await using var reader = await count.ExecuteReaderAsync(Asyncio.CancellationToken);
        await reader.ReadAsync(Asyncio.CancellationToken);
        Console.WriteLine(
            $"{_done} jobs done in {elapsed.TotalSeconds:F1} s by {Workers} workers on one thread, " +
            $"{reader.GetInt64(0)} left, {_returned} given back; " +
            $"the sum of their results is {reader.GetInt64(1)}.");
    }

    private async Coroutine CountAsync()
    {
        using (await _progress.AcquireAsync())
        {
            if (++_done % 50 == 0)
                Console.WriteLine($"{_done} done");
            _progress.NotifyAll();
        }
    }

    private async Coroutine ExecuteAsync(string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Asyncio.CancellationToken);
    }
}

/// <summary>A server in a temporary folder, for as long as the program runs.</summary>
sealed class PostgresServer : IAsyncDisposable
{
    private readonly Subprocess _process;
    private readonly DirectoryInfo _folder;
    private readonly AsyncioTask _reading;

    private PostgresServer(Subprocess process, DirectoryInfo folder, int port)
    {
        (_process, _folder, Port) = (process, folder, port);
        // What nobody reads would fill the pipe, and hold up the server.
        _reading = Asyncio.CreateTask(ReadRestAsync());
    }

    public int Port { get; }

    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Username=example;Database=postgres;SSL Mode=Disable";

    public static async Coroutine<PostgresServer> StartAsync()
    {
        var programs = FindPrograms() ?? throw new MissingServerException(
            "There is no PostgreSQL server to start. Install it (Debian and Ubuntu: apt-get install postgresql; " +
            "Fedora: dnf install postgresql-server), or give a connection string.");
        var folder = Directory.CreateTempSubdirectory("asynciosharp-example-");
        // A session of its own: Ctrl-C in the terminal is for this program, which stops the server last.
        var options = new SubprocessOptions
        {
            NewSession = true,
            StandardOutput = Stdio.Null,
            StandardError = Stdio.Pipe,
            GracePeriod = TimeSpan.FromSeconds(10),
        };
        Subprocess? process = null;
        try
        {
            // PostgreSQL refuses to run as root. Its package has made an account for it.
            string[] user = [];
            if (Environment.IsPrivilegedProcess)
            {
                user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"];
                await RunAsync(["chown", "postgres", folder.FullName], options);
            }
            var data = Path.Combine(folder.FullName, "data");
            await RunAsync(
                [.. user, Path.Combine(programs, "initdb"), "-D", data, "-U", "example", "--auth=trust", "--no-sync", "-E", "UTF8"], options);
            var port = FreePort();
            string[] command =
            [
                .. user, Path.Combine(programs, "postgres"), "-D", data, "-c", $"port={port}", "-c", "listen_addresses=127.0.0.1",
                "-c", "unix_socket_directories=", "-c", "fsync=off",
            ];
            process = await Asyncio.CreateSubprocessExecAsync(command[0], command[1..], options);
            var log = new List<string>();
            await foreach (var line in process.StandardError!)
            {
                log.Add(System.Text.Encoding.UTF8.GetString(line).TrimEnd());
                if (log[^1].Contains("ready to accept connections"))
                    return new PostgresServer(process, folder, port);
            }
            throw new MissingServerException($"PostgreSQL does not start: {string.Join(' ', log)}");
        }
        catch
        {
            if (process is not null)
                await process.DisposeAsync();
            folder.Delete(recursive: true);
            throw;
        }
    }

    public async Coroutine DisposeAsync()
    {
        _process.SendSignal(PosixSignal.SIGINT); // fast shutdown: sessions are cut off
        await Asyncio.MoveOnAfter(10, async _ => await _process.WaitAsync(), shield: true);
        await _process.DisposeAsync();
        await Asyncio.Wait([_reading]);
        _folder.Delete(recursive: true);
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    private async Coroutine ReadRestAsync()
    {
        await foreach (var _ in _process.StandardError!)
        {
        }
    }

    private static async Coroutine RunAsync(string[] command, SubprocessOptions options)
    {
        await using var process = await Asyncio.CreateSubprocessExecAsync(command[0], command[1..], options);
        var errors = await process.StandardError!.ReadAsync();
        if (await process.WaitAsync() != 0)
            throw new MissingServerException($"{command[0]} does not work: {System.Text.Encoding.UTF8.GetString(errors).Trim()}");
    }

    // Debian keeps the server's programs out of the path, a folder for each version.
    private static string? FindPrograms()
    {
        var versions = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [];
        return versions.OrderByDescending(version => int.TryParse(Path.GetFileName(version), out var number) ? number : 0)
            .Select(version => Path.Combine(version, "bin"))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

sealed class MissingServerException(string message) : Exception(message);
