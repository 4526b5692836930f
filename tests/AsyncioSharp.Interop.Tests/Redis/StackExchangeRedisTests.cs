using AsyncioSharp.LowLevel;
using StackExchange.Redis;

namespace AsyncioSharp.Tests.Interop;

[Collection(nameof(RedisCollection))]
public abstract class StackExchangeRedisTests(EventLoop loop, RedisServer server) : InteropTests(loop)
{
    private readonly string _prefix = $"{Guid.NewGuid():N}:";

    private string Configuration
    {
        get
        {
            Assert.SkipWhen(server.Port is null, "Redis is not installed (on Debian: apt-get install redis-server).");
            return $"127.0.0.1:{server.Port},abortConnect=true";
        }
    }

    // Its calls take no token; WaitAsync gives up the wait for one, and the command goes on.
    [Fact]
    public void Commands_are_at_home() => Run(async () =>
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(Configuration);
        var database = redis.GetDatabase();
        await AssertAtHomeAsync(
            _ => database.StringIncrementAsync($"{_prefix}counter"),
            token => database.ExecuteAsync("WAIT", 1, 2000).WaitAsync(token));
    });

    [Fact]
    public void Connecting_is_at_home() => Run(() => AssertAtHomeAsync(async _ =>
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(Configuration);
    }));

    [Fact]
    public void A_thousand_coroutines_share_one_connection() => Run(async () =>
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(Configuration);
        var database = redis.GetDatabase();

        var numbers = await Asyncio.Gather(Enumerable.Range(0, 1000).Select(CountAsync));

        Assert.Equal(Enumerable.Range(1, 1000).Select(number => (long)number), numbers.Order());

        async Coroutine<long> CountAsync(int _)
        {
            var task = Asyncio.CurrentTask;
            var number = await database.StringIncrementAsync($"{_prefix}shared");
            Assert.Same(task, Asyncio.CurrentTask);
            return number;
        }
    });

    [Fact]
    public void Commands_are_pipelined() => Run(async () =>
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(Configuration);
        var database = redis.GetDatabase();
        var batch = database.CreateBatch();
        var sets = Enumerable.Range(0, 100).Select(i => batch.StringSetAsync($"{_prefix}{i}", i)).ToArray();
        var get = batch.StringGetAsync($"{_prefix}99");
        batch.Execute();

        Assert.All(await Task.WhenAll(sets), Assert.True);
        Assert.Equal(99, (int)await get);
    });

    [Fact]
    public void A_transaction_holds_together() => Run(async () =>
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(Configuration);
        var transaction = redis.GetDatabase().CreateTransaction();
        var first = transaction.StringIncrementAsync($"{_prefix}transaction");
        var second = transaction.StringIncrementAsync($"{_prefix}transaction");

        Assert.True(await transaction.ExecuteAsync());
        Assert.Equal((1, 2), (await first, await second));
    });

    [Fact]
    public void Messages_are_published_and_received() => Run(async () =>
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(Configuration);
        var subscriber = redis.GetSubscriber();
        var news = await subscriber.SubscribeAsync(RedisChannel.Literal($"{_prefix}news"));
        await AssertAtHomeAsync(
            async token =>
            {
                await subscriber.PublishAsync(RedisChannel.Literal($"{_prefix}news"), "hello");
                Assert.Equal("hello", (string?)(await news.ReadAsync(token)).Message);
            },
            token => news.ReadAsync(token).AsTask());

        for (var i = 0; i < 100; i++)
            await subscriber.PublishAsync(RedisChannel.Literal($"{_prefix}news"), i);
        for (var i = 0; i < 100; i++)
            Assert.Equal(i, (int)(await news.ReadAsync(Asyncio.CancellationToken)).Message); // in order
    });
}

public sealed class EpollStackExchangeRedisTests(RedisServer server) : StackExchangeRedisTests(new EpollEventLoop(), server);

public sealed class IoUringStackExchangeRedisTests(RedisServer server) : StackExchangeRedisTests(IoUring.NewLoop(), server);

public sealed class PortableStackExchangeRedisTests(RedisServer server) : StackExchangeRedisTests(new PortableEventLoop(), server);
