using System.Diagnostics;
using Npgsql;

namespace AsyncioSharp.Database;

/// <summary>Coroutines on one loop, with the calls that tasks would make.</summary>
internal sealed class OnLoop : Side
{
    protected override void RunClients(NpgsqlDataSource source, List<double>[] times) => Asyncio.Run(async () =>
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
            await using (var connection = await source.OpenConnectionAsync())
            {
                await using var query = Query(connection);
                if (await query.ExecuteScalarAsync() is not 42)
                    throw new InvalidOperationException("The database counts otherwise.");
            }
            if (!Note(times, start))
                return;
        }
    }
}
