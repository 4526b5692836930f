using System.Diagnostics;
using Npgsql;

namespace AsyncioSharp.Database;

/// <summary>Coroutines on one loop; each awaits a method of .NET that does all of its query and comes back once.</summary>
internal sealed class OnLoopByCalls : Side
{
    protected override void RunClients(NpgsqlDataSource source, int poolSize, List<double>[] times) => Asyncio.Run(async () =>
    {
        await TaskGroup.RunAsync(async group =>
        {
            foreach (var list in times)
                group.StartSoon(AskAsync(source, list));
        });
    });

    private async Coroutine AskAsync(NpgsqlDataSource source, List<double> times)
    {
        for (; ; )
        {
            var start = Stopwatch.GetTimestamp();
            if (await AskOnceAsync(source) is not 42)
                throw new InvalidOperationException("The database counts otherwise.");
            if (!Note(times, start))
                return;
        }
    }

    private static async Task<object?> AskOnceAsync(NpgsqlDataSource source)
    {
        var connection = await source.OpenConnectionAsync().ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var query = Query(connection);
            await using (query.ConfigureAwait(false))
                return await query.ExecuteScalarAsync().ConfigureAwait(false);
        }
    }
}
