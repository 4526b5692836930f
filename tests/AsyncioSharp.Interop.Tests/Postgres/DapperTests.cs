using AsyncioSharp.LowLevel;
using Dapper;

namespace AsyncioSharp.Tests.Interop;

public abstract class DapperTests(EventLoop loop, PostgresServer server) : PostgresTests(loop, server)
{
    private sealed record Product(int Id, string Name);

    [Fact]
    public void Dapper_is_at_home() => Run(async () =>
    {
        await using var source = Open();
        await AssertAtHomeAsync(
            token => QueryAsync("SELECT 1", token),
            token => QueryAsync(SleepQuery, token),
            () => UntilRunningAsync(source, 1));
        await UntilRunningAsync(source, 0);

        async Task QueryAsync(string sql, CancellationToken token)
        {
            await using var connection = await source.OpenConnectionAsync(token);
            await connection.ExecuteAsync(new CommandDefinition(sql, cancellationToken: token));
        }
    });

    [Fact]
    public void Objects_are_read_by_many_coroutines_at_once() => Run(async () =>
    {
        await using var source = Open();
        await ExecuteAsync(source, "DROP TABLE IF EXISTS products; CREATE TABLE products (id int, name text)");
        await Asyncio.Gather(Enumerable.Range(0, 50).Select(InsertAsync));

        await using var connection = await source.OpenConnectionAsync(Asyncio.CancellationToken);
        var products = await connection.QueryAsync<Product>("SELECT id, name FROM products ORDER BY id");

        Assert.Equal(Enumerable.Range(0, 50).Select(i => new Product(i, $"product {i}")), products);

        async Coroutine InsertAsync(int id)
        {
            await using var connection = await source.OpenConnectionAsync(Asyncio.CancellationToken);
            await connection.ExecuteAsync("INSERT INTO products VALUES (@id, @name)", new { id, name = $"product {id}" });
        }
    });
}

public sealed class EpollDapperTests(PostgresServer server) : DapperTests(new EpollEventLoop(), server);

public sealed class IoUringDapperTests(PostgresServer server) : DapperTests(IoUring.NewLoop(), server);

public sealed class PortableDapperTests(PostgresServer server) : DapperTests(new PortableEventLoop(), server);
