using System.Diagnostics;
using Npgsql;

namespace AsyncioSharp.Database;

/// <summary>
/// Coroutines on one loop; waiting for a connection in the pool, as tasks would, or for their turn on the loop, so that the pool
/// has a connection at once.
/// </summary>
internal abstract class OnLoop(bool inTurns) : Side
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

    /// <summary>Asks the database once.</summary>
    protected abstract Coroutine<object?> AskOnceAsync(NpgsqlDataSource source);

    private async Coroutine AskAsync(NpgsqlDataSource source, AsyncSemaphore turns, List<double> times)
    {
        for (; ; )
        {
            var start = Stopwatch.GetTimestamp();
            using (await turns.AcquireAsync())
            {
                if (await AskOnceAsync(source) is not 42)
                    throw new InvalidOperationException("The database counts otherwise.");
            }
            if (!Note(times, start))
                return;
        }
    }
}
