using Npgsql;

namespace AsyncioSharp.Database;

/// <summary>Coroutines on one loop, with the awaits that tasks would have.</summary>
internal sealed class OnLoopByAwaits(bool inTurns) : OnLoop(inTurns)
{
    protected override async Coroutine<object?> AskOnceAsync(NpgsqlDataSource source)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var query = Query(connection);
        return await query.ExecuteScalarAsync();
    }
}
