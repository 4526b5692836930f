using AsyncioSharp.LowLevel;
using Grpc.Core;
using Grpc.Net.Client;

namespace AsyncioSharp.Tests.Interop;

public abstract class GrpcTests(EventLoop loop, TickerServer server) : InteropTests(loop)
{
    [Fact]
    public void Calls_are_at_home() => Run(async () =>
    {
        using var channel = Connect();
        var ticker = new Ticker.TickerClient(channel);
        await AssertAtHomeAsync(
            async token => Assert.Equal(7, (await ticker.EchoAsync(new Number { Value = 7 }, cancellationToken: token)).Value),
            async token =>
            {
                using var call = ticker.Block(new Number(), cancellationToken: token);
                await call.ResponseStream.MoveNext(token);
            },
            () => Until(() => server.Blocked == 1));
        await Until(() => server.Blocked == 0); // the server was told
    });

    [Fact]
    public void The_server_streams() => Run(async () =>
    {
        using var channel = Connect();
        var task = Asyncio.CurrentTask;
        using var call = new Ticker.TickerClient(channel).Count(new Number { Value = 1000 }, cancellationToken: Asyncio.CancellationToken);
        var next = 0;
        await foreach (var number in call.ResponseStream.ReadAllAsync(Asyncio.CancellationToken))
        {
            Assert.Equal(next++, number.Value);
            Assert.Same(task, Asyncio.CurrentTask);
        }
        Assert.Equal(1000, next);
    });

    [Fact]
    public void The_client_streams() => Run(async () =>
    {
        using var channel = Connect();
        using var call = new Ticker.TickerClient(channel).Sum(cancellationToken: Asyncio.CancellationToken);
        for (var i = 0; i < 1000; i++)
            await call.RequestStream.WriteAsync(new Number { Value = i });
        await call.RequestStream.CompleteAsync();
        Assert.Equal(499_500, (await call).Value);
        Assert.Same(Loop, EventLoop.RunningOrNull);
    });

    [Fact]
    public void Both_stream_at_once() => Run(async () =>
    {
        using var channel = Connect();
        using var call = new Ticker.TickerClient(channel).Double(cancellationToken: Asyncio.CancellationToken);
        var sum = 0;
        await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(SendAsync());
            await foreach (var number in call.ResponseStream.ReadAllAsync(Asyncio.CancellationToken))
                sum += number.Value;
        });
        Assert.Equal(999_000, sum);

        async Coroutine SendAsync()
        {
            for (var i = 0; i < 1000; i++)
                await call.RequestStream.WriteAsync(new Number { Value = i }, Asyncio.CancellationToken);
            await call.RequestStream.CompleteAsync();
        }
    });

    [Fact]
    public void A_hundred_calls_share_a_connection() => Run(async () =>
    {
        using var channel = Connect();
        var ticker = new Ticker.TickerClient(channel);
        var answers = await Asyncio.Gather(Enumerable.Range(0, 100).Select(AskAsync));
        Assert.Equal(Enumerable.Range(0, 100), answers);

        async Coroutine<int> AskAsync(int number) =>
            (await ticker.EchoAsync(new Number { Value = number }, cancellationToken: Asyncio.CancellationToken)).Value;
    });

    // Its calls end with an RpcException of the status Cancelled unless they are asked for .NET's.
    private GrpcChannel Connect() =>
        GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions { ThrowOperationCanceledOnCancellation = true });
}

[CollectionDefinition(nameof(GrpcCollection))]
public sealed class GrpcCollection : ICollectionFixture<TickerServer>;

[Collection(nameof(GrpcCollection))]
public sealed class EpollGrpcTests(TickerServer server) : GrpcTests(new EpollEventLoop(), server);

[Collection(nameof(GrpcCollection))]
public sealed class IoUringGrpcTests(TickerServer server) : GrpcTests(IoUring.NewLoop(), server);

[Collection(nameof(GrpcCollection))]
public sealed class PortableGrpcTests(TickerServer server) : GrpcTests(new PortableEventLoop(), server);
