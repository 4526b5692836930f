using AsyncioSharp.LowLevel;
using Npgsql;
using NpgsqlTypes;

namespace AsyncioSharp.Tests.Interop;

public abstract class NpgsqlTests(EventLoop loop, PostgresServer server) : PostgresTests(loop, server)
{
    [Fact]
    public void Queries_are_at_home() => Run(async () =>
    {
        await using var source = Open();
        await AssertAtHomeAsync(
            token => QueryAsync(source, "SELECT 1", token),
            token => QueryAsync(source, SleepQuery, token),
            () => UntilRunningAsync(source, 1));
        await UntilRunningAsync(source, 0);
    });

    [Fact]
    public void Opening_connections_is_at_home() => Run(async () =>
    {
        await using var source = Open(maxPoolSize: 1);
        await AssertAtHomeAsync(token => OpenAndCloseAsync(source, token));
        await using var only = await source.OpenConnectionAsync();
        await Canceling.AssertAnswerArrivesAsync(Loop, token => OpenAndCloseAsync(source, token), null);
        await Canceling.AssertAbandonedAtOnceAsync(token => OpenAndCloseAsync(source, token), null);

        static async Task OpenAndCloseAsync(NpgsqlDataSource source, CancellationToken token)
        {
            await using var connection = await source.OpenConnectionAsync(token);
        }
    });

    [Fact]
    public void A_thousand_coroutines_share_a_pool() => Run(async () =>
    {
        await using var source = Open(maxPoolSize: 10);
        var (running, most) = (0, 0);

        var answers = await Asyncio.Gather(Enumerable.Range(0, 1000).Select(AskAsync));

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => i * 2), answers);
        Assert.InRange(most, 2, 10);

        async Coroutine<int> AskAsync(int number)
        {
            await using var connection = await source.OpenConnectionAsync(Asyncio.CancellationToken);
            most = Math.Max(most, ++running); // no lock: one thread
            await using var command = new NpgsqlCommand("SELECT $1 * 2", connection) { Parameters = { new() { Value = number } } };
            var answer = (int)(await command.ExecuteScalarAsync(Asyncio.CancellationToken))!;
            running--;
            return answer;
        }
    });

    [Fact]
    public void Cancelling_the_task_cancels_the_query_on_the_server() => Run(async () =>
    {
        await using var source = Open();
        var tasks = Enumerable.Range(0, 5).Select(_ => Asyncio.CreateTask(ExecuteAsync(source, SleepQuery))).ToArray();
        await UntilRunningAsync(source, 5);

        foreach (var task in tasks)
            task.Cancel();

        await Asyncio.Wait(tasks);
        Assert.All(tasks, task => Assert.True(task.IsCanceled));
        await UntilRunningAsync(source, 0);
        await ExecuteAsync(source, "SELECT 1"); // and the connections are usable
    });

    [Fact]
    public void A_timeout_cancels_the_query_on_the_server() => Run(async () =>
    {
        await using var source = Open();
        await Expect.ThrowsAsync<TimeoutException>(Asyncio.Timeout(null, async scope =>
        {
            await TaskGroup.RunAsync(async group =>
            {
                group.StartSoon(ExecuteAsync(source, SleepQuery));
                group.StartSoon(ExecuteAsync(source, SleepQuery));
                await UntilRunningAsync(source, 2);
                scope.Reschedule(Loop.Time);
            });
        }));
        await UntilRunningAsync(source, 0);
    });

    [Fact]
    public void A_transaction_is_kept_when_it_is_committed_and_undone_when_it_is_cancelled() => Run(async () =>
    {
        await using var source = Open();
        await CreateTableAsync(source, "transfers", "id int");
        await InsertAsync(commits: true, 1);
        Assert.Equal(1, await CountAsync(source, "transfers"));

        var canceled = Asyncio.CreateTask(InsertAsync(commits: false, 2));
        await UntilRunningAsync(source, 1);
        canceled.Cancel();
        await Expect.ThrowsAsync<CanceledException>(canceled);

        Assert.Equal(1, await CountAsync(source, "transfers"));
        await InsertAsync(commits: true, 3);
        Assert.Equal(2, await CountAsync(source, "transfers"));

        async Coroutine InsertAsync(bool commits, int id)
        {
            await using var connection = await source.OpenConnectionAsync(Asyncio.CancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(Asyncio.CancellationToken);
            await using var insert = new NpgsqlCommand("INSERT INTO transfers VALUES ($1)", connection) { Parameters = { new() { Value = id } } };
            await insert.ExecuteNonQueryAsync(Asyncio.CancellationToken);
            if (!commits)
            {
                await using var sleep = new NpgsqlCommand(SleepQuery, connection);
                await sleep.ExecuteNonQueryAsync(Asyncio.CancellationToken);
            }
            await transaction.CommitAsync(Asyncio.CancellationToken);
        }
    });

    [Fact]
    public void Rows_are_copied_in_and_out() => Run(async () =>
    {
        await using var source = Open();
        await CreateTableAsync(source, "measurements", "id int, name text");
        await using var connection = await source.OpenConnectionAsync(Asyncio.CancellationToken);
        await using (var importer = await connection.BeginBinaryImportAsync(
            "COPY measurements FROM STDIN (FORMAT BINARY)", Asyncio.CancellationToken))
        {
            for (var i = 0; i < 20_000; i++)
            {
                await importer.StartRowAsync(Asyncio.CancellationToken);
                await importer.WriteAsync(i, NpgsqlDbType.Integer, Asyncio.CancellationToken);
                await importer.WriteAsync($"name {i}", NpgsqlDbType.Text, Asyncio.CancellationToken);
            }
            Assert.Equal(20_000UL, await importer.CompleteAsync(Asyncio.CancellationToken));
        }

        long sum = 0;
        await using (var exporter = await connection.BeginBinaryExportAsync("COPY measurements TO STDOUT (FORMAT BINARY)", Asyncio.CancellationToken))
        {
            while (await exporter.StartRowAsync(Asyncio.CancellationToken) != -1)
            {
                sum += await exporter.ReadAsync<int>(Asyncio.CancellationToken);
                Assert.StartsWith("name ", await exporter.ReadAsync<string>(Asyncio.CancellationToken));
            }
        }
        Assert.Equal(20_000L * 19_999 / 2, sum);
        Assert.Same(Loop, EventLoop.RunningOrNull);
    });

    [Fact]
    public void A_copy_that_is_cancelled_leaves_nothing() => Run(async () =>
    {
        await using var source = Open();
        await CreateTableAsync(source, "partial", "name text");
        var rows = 0;
        var copying = Asyncio.CreateTask(CopyAsync());
        await Until(() => rows > 1000);

        copying.Cancel();
        await Expect.ThrowsAsync<CanceledException>(copying);

        Assert.Equal(0, await CountAsync(source, "partial"));

        async Coroutine CopyAsync()
        {
            await using var connection = await source.OpenConnectionAsync(Asyncio.CancellationToken);
            // Not a text import: disposing of that completes it, whatever has happened.
            await using var importer = await connection.BeginBinaryImportAsync("COPY partial FROM STDIN (FORMAT BINARY)", Asyncio.CancellationToken);
            for (; ; rows++)
            {
                await importer.StartRowAsync(Asyncio.CancellationToken);
                await importer.WriteAsync($"row {rows}", NpgsqlDbType.Text, Asyncio.CancellationToken);
                if (rows % 100 == 0)
                    await Asyncio.Yield(); // what is written goes to a buffer, mostly without a wait
            }
        }
    });

    [Fact]
    public void Notifications_arrive_on_the_loop() => Run(async () =>
    {
        await using var source = Open();
        await using var connection = await source.OpenConnectionAsync();
        await using (var listen = new NpgsqlCommand("LISTEN news", connection))
            await listen.ExecuteNonQueryAsync();
        var received = new List<string>();
        connection.Notification += (_, e) => received.Add($"{e.Channel}: {e.Payload}, on the loop: {EventLoop.RunningOrNull == Loop}");
        AsyncioTask? listening = null;
        listening = Asyncio.CreateTask(ListenAsync());

        await ExecuteAsync(source, "NOTIFY news, 'one'; NOTIFY news, 'two'");
        await Until(() => received.Count == 2);
        listening.Cancel();
        await Expect.ThrowsAsync<CanceledException>(listening);

        // The event is Npgsql's own matter: it is raised on whatever thread reads the connection.
        Assert.Equal(["news: one", "news: two"], received.Select(text => text.Split(',')[0]));
        await using var check = new NpgsqlCommand("SELECT 1", connection);
        Assert.Equal(1, await check.ExecuteScalarAsync());

        async Coroutine ListenAsync()
        {
            for (; ; )
            {
                await connection.WaitAsync(Asyncio.CancellationToken);
                Assert.Same(listening, Asyncio.CurrentTask);
            }
        }
    });

    [Fact]
    public void Waiting_for_notifications_is_at_home() => Run(async () =>
    {
        await using var source = Open();
        Task? waiting = null;
        await Canceling.AssertAnswerArrivesAsync(Loop, WaitAsync, () => Until(() => waiting is not null));
        waiting = null;
        await Canceling.AssertAbandonedAtOnceAsync(WaitAsync, () => Until(() => waiting is not null));

        async Task WaitAsync(CancellationToken token)
        {
            await using var connection = await source.OpenConnectionAsync(token);
            await (waiting = connection.WaitAsync(token));
        }
    });

    [Fact]
    public void Results_are_read_as_a_stream() => Run(async () =>
    {
        await using var source = Open();
        await using var connection = await source.OpenConnectionAsync(Asyncio.CancellationToken);
        await using var command = new NpgsqlCommand("SELECT generate_series(1, 50000), repeat('x', 100)", connection);
        await using var reader = await command.ExecuteReaderAsync(Asyncio.CancellationToken);
        var task = Asyncio.CurrentTask;
        long sum = 0;
        while (await reader.ReadAsync(Asyncio.CancellationToken))
        {
            Assert.Same(task, Asyncio.CurrentTask);
            sum += reader.GetInt32(0);
        }
        Assert.Equal(50_000L * 50_001 / 2, sum);
    });

    private static async Task QueryAsync(NpgsqlDataSource source, string sql, CancellationToken token)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteScalarAsync(token);
    }

    private static async Coroutine CreateTableAsync(NpgsqlDataSource source, string name, string columns) =>
        await ExecuteAsync(source, $"DROP TABLE IF EXISTS {name}; CREATE TABLE {name} ({columns})");
}

public sealed class EpollNpgsqlTests(PostgresServer server) : NpgsqlTests(new EpollEventLoop(), server);

public sealed class IoUringNpgsqlTests(PostgresServer server) : NpgsqlTests(IoUring.NewLoop(), server);

public sealed class PortableNpgsqlTests(PostgresServer server) : NpgsqlTests(new PortableEventLoop(), server);
