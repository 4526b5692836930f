using Npgsql;

namespace AsyncioSharp.Database;

/// <summary>Coroutines on one loop; each awaits a method of .NET that does all of its query and comes back once.</summary>
internal sealed class OnLoopByCalls(bool inTurns) : OnLoop(inTurns)
{
    protected override async Coroutine<object?> AskOnceAsync(NpgsqlDataSource source) => await CallAsync(source);

    private static async Task<object?> CallAsync(NpgsqlDataSource source)
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
