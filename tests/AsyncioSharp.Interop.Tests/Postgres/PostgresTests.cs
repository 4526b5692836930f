using AsyncioSharp.LowLevel;
using Npgsql;

namespace AsyncioSharp.Tests.Interop;

/// <summary>The base of suites that talk to PostgreSQL.</summary>
[Collection(nameof(PostgresCollection))]
public abstract class PostgresTests(EventLoop loop, PostgresServer server) : InteropTests(loop)
{
    /// <summary>How long a query sleeps that is to be cancelled.</summary>
    protected const string SleepQuery = "SELECT pg_sleep(100)";

    protected string ConnectionString
    {
        get
        {
            Assert.SkipWhen(server.ConnectionString is null, "PostgreSQL is not installed (on Debian: apt-get install postgresql).");
            return server.ConnectionString;
        }
    }

    /// <summary>A pool of connections of the test's own.</summary>
    protected NpgsqlDataSource Open(int maxPoolSize = 10) =>
        new NpgsqlDataSourceBuilder($"{ConnectionString};Maximum Pool Size={maxPoolSize};Application Name={Guid.NewGuid():N}").Build();

    /// <summary>Waits until the server runs so many of the pool's queries that contain a text.</summary>
    protected static async Coroutine UntilRunningAsync(NpgsqlDataSource source, int count, string text = SleepQuery)
    {
        // On a connection of its own: the pool's may all be in use.
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(source.ConnectionString) { ApplicationName = "observer", Pooling = false }.ConnectionString);
        await connection.OpenAsync(Asyncio.CancellationToken);
        await using var command = new NpgsqlCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND state = 'active' AND query = $2", connection);
        command.Parameters.Add(new() { Value = new NpgsqlConnectionStringBuilder(source.ConnectionString).ApplicationName });
        command.Parameters.Add(new() { Value = text });
        while ((long)(await command.ExecuteScalarAsync(Asyncio.CancellationToken))! != count)
            await Asyncio.Sleep(0.001);
    }

    /// <summary>Runs a statement on a pool.</summary>
    protected static async Coroutine ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Asyncio.CancellationToken);
    }

    /// <summary>Asks for a number on a pool.</summary>
    protected static async Coroutine<long> CountAsync(NpgsqlDataSource source, string table)
    {
        await using var command = source.CreateCommand($"SELECT count(*) FROM {table}");
        return (long)(await command.ExecuteScalarAsync(Asyncio.CancellationToken))!;
    }
}
