namespace AsyncioSharp.Tests.Queues;

/// <summary>Many loops, threads and async methods at one small queue, and cancellations all the while: nothing is lost or doubled.</summary>
public sealed class SharedQueueStressTests
{
    private const int ItemsPerProducer = 400; // each may cost several switches between threads, which take their time on a busy machine

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(0)]
    public async Task Every_item_arrives_once(int maxSize)
    {
        var queue = new SharedQueue<int>(maxSize);
        await using var one = new EventLoopThread();
        await using var other = new EventLoopThread();
        var got = new List<int>[5];
        Task[] consumers =
        [
            one.RunAsync(() => ConsumeAsync(got[0] = [], 3)),
            other.RunAsync(() => ConsumeAsync(got[1] = [], 5)),
            other.RunAsync(() => ConsumeAsync(got[2] = [], 1)),
            OnThread(() => Consume(got[3] = [])),
            Task.Run(() => ReadAsync(got[4] = [])),
        ];
        Task[] producers =
        [
            one.RunAsync(() => ProduceAsync(0)),
            other.RunAsync(() => ProduceAsync(1)),
            OnThread(() => Produce(2)),
            Task.Run(() => WriteAsync(3)),
        ];

        await Task.WhenAll(producers).WaitAsync(s_patience);
        queue.Shutdown();
        await Task.WhenAll(consumers).WaitAsync(s_patience);

        Assert.Equal(Enumerable.Range(0, 4 * ItemsPerProducer), got.SelectMany(items => items).Order());
        foreach (var items in got)
        {
            for (var producer = 0; producer < 4; producer++)
            {
                var own = items.Where(item => item / ItemsPerProducer == producer).ToList();
                Assert.Equal(own.Order(), own);
            }
        }
        Assert.StartsWith("SharedQueue [items:0", queue.ToString());
        Assert.DoesNotContain("getters", queue.ToString());

        async Coroutine ProduceAsync(int producer)
        {
            for (var i = 0; i < ItemsPerProducer; i++)
            {
                while (await Asyncio.MoveOnAfter(i % 3 == 0 ? 0.0001 : 1000, async _ => await queue.PutAsync(producer * ItemsPerProducer + i)))
                {
                }
            }
        }

        async Coroutine ConsumeAsync(List<int> items, int patience)
        {
            try
            {
                for (; ; )
                {
                    var outcome = await Asyncio.MoveOnAfter(patience * 0.0001, async _ => await queue.GetAsync());
                    if (outcome.IsSuccess)
                        items.Add(outcome.Value);
                }
            }
            catch (QueueShutDownException)
            {
            }
        }

        void Produce(int producer)
        {
            for (var i = 0; i < ItemsPerProducer; i++)
                Retry(i, token => queue.Put(producer * ItemsPerProducer + i, token));
        }

        void Consume(List<int> items)
        {
            try
            {
                for (var i = 0; ; i++)
                    Retry(i, token => items.Add(queue.Get(token)));
            }
            catch (QueueShutDownException)
            {
            }
        }

        async Task WriteAsync(int producer)
        {
            for (var i = 0; i < ItemsPerProducer; i++)
                await queue.AsChannelWriter().WriteAsync(producer * ItemsPerProducer + i);
        }

        async Task ReadAsync(List<int> items)
        {
            await foreach (var item in queue.AsChannelReader().ReadAllAsync())
                items.Add(item);
        }
    }

    private static Task OnThread(Action action) => Task.Factory.StartNew(action, TaskCreationOptions.LongRunning);

    private static void Retry(int i, Action<CancellationToken> attempt)
    {
        for (; ; )
        {
            using var source = new CancellationTokenSource();
            if (i % 5 == 0)
                source.CancelAfter(TimeSpan.FromMilliseconds(1));
            try
            {
                attempt(source.Token);
                return;
            }
            catch (OperationCanceledException)
            {
            }
        }
    }
}
