using System.Diagnostics;
using Npgsql;

namespace AsyncioSharp.Database;

/// <summary>
/// Coroutines on one loop, with the calls that tasks would make; waiting for a connection in the pool, as they would, or for
/// their turn on the loop, so that the pool has a connection at once.
/// </summary>
internal sealed class OnLoop(bool inTurns) : Side
{
    protected override void RunClients(NpgsqlDataSource source, int poolSize, List<double>[] times) => Asyncio.Run(async () =>
    {
        var turns = new AsyncSemaphore(inTurns ? poolSize : times.Length);
        await TaskGroup.RunAsync(async group =>
        {
            foreach (var list in times)
                group.StartSoon(AskAsync(source, turns, list));
        });
    });

    private async Coroutine AskAsync(NpgsqlDataSource source, AsyncSemaphore turns, List<double> times)
    {
        for (; ; )
        {
            var start = Stopwatch.GetTimestamp();
            using (await turns.AcquireAsync())
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
