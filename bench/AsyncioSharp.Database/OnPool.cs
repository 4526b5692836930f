using System.Diagnostics;
using Npgsql;

namespace AsyncioSharp.Database;

/// <summary>Tasks on the thread pool.</summary>
internal sealed class OnPool : Side
{
    protected override void RunClients(NpgsqlDataSource source, int poolSize, List<double>[] times) =>
        Task.WhenAll(times.Select(times => Task.Run(() => AskAsync(source, times)))).GetAwaiter().GetResult();

    private async Task AskAsync(NpgsqlDataSource source, List<double> times)
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
