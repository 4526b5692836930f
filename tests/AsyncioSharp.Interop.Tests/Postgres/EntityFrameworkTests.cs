using AsyncioSharp.LowLevel;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AsyncioSharp.Tests.Interop;

public abstract class EntityFrameworkTests(EventLoop loop, PostgresServer server) : PostgresTests(loop, server)
{
    [Fact]
    public void Entity_Framework_is_at_home() => Run(async () =>
    {
        await using var source = Open();
        await AssertAtHomeAsync(
            token => QueryAsync("SELECT 1", token),
            token => QueryAsync(SleepQuery, token),
            () => UntilRunningAsync(source, 1));
        await UntilRunningAsync(source, 0);

        async Task QueryAsync(string sql, CancellationToken token)
        {
            await using var shop = new Shop(source);
            await shop.Database.ExecuteSqlRawAsync(sql, token);
        }
    });

    [Fact]
    public void Entities_are_saved_and_queried() => Run(async () =>
    {
        await using var source = Open();
        await ExecuteAsync(source, """DROP TABLE IF EXISTS "Orders"; CREATE TABLE "Orders" ("Id" int PRIMARY KEY, "Customer" text NOT NULL)""");
        await Asyncio.Gather(Enumerable.Range(1, 30).Select(SaveAsync));

        await using var shop = new Shop(source);
        var ids = new List<int>();
        await foreach (var order in shop.Orders.Where(order => order.Customer == "customer 1").OrderBy(order => order.Id).AsAsyncEnumerable())
            ids.Add(order.Id);

        Assert.Equal(Enumerable.Range(1, 30).Where(id => id % 3 == 1), ids);
        Assert.Equal(30, await shop.Orders.CountAsync(Asyncio.CancellationToken));

        async Coroutine SaveAsync(int id)
        {
            await using var shop = new Shop(source);
            shop.Orders.Add(new Order { Id = id, Customer = $"customer {id % 3}" });
            await shop.SaveChangesAsync(Asyncio.CancellationToken);
        }
    });

    private sealed class Order
    {
        public int Id { get; set; }

        public required string Customer { get; set; }
    }

    private sealed class Shop(NpgsqlDataSource source) : DbContext
    {
        public DbSet<Order> Orders => Set<Order>();

        protected override void OnConfiguring(DbContextOptionsBuilder options) => options.UseNpgsql(source);

        protected override void OnModelCreating(ModelBuilder model) => model.Entity<Order>().Property(order => order.Id).ValueGeneratedNever();
    }
}

public sealed class EpollEntityFrameworkTests(PostgresServer server) : EntityFrameworkTests(new EpollEventLoop(), server);

public sealed class IoUringEntityFrameworkTests(PostgresServer server) : EntityFrameworkTests(IoUring.NewLoop(), server);

public sealed class PortableEntityFrameworkTests(PostgresServer server) : EntityFrameworkTests(new PortableEventLoop(), server);
