using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Interop;

/// <summary>System.Linq.AsyncEnumerable over sequences that wait for the loop, and for .NET.</summary>
public abstract class AsyncLinqTests(EventLoop loop) : InteropTests(loop)
{
    [Fact]
    public void Queries_over_what_waits_for_NET_are_at_home() => Run(() => AssertAtHomeAsync(
        async token => Assert.Equal(20, await DelayedAsync(5).Select(i => i * 2).SumAsync(token)),
        async token => await NeverAsync().Where(i => i > 0).ToListAsync(token)));

    // Operators of the BCL await with ConfigureAwait(false), and here it does not matter: nothing leaves the loop's thread.
    [Fact]
    public void Queries_over_what_waits_for_the_loop_stay_on_it() => Run(async () =>
    {
        var seen = await FromLoopAsync(20)
            .Where(i => i % 2 == 0)
            .Select(async (int i, CancellationToken _) =>
            {
                await Asyncio.Yield();
                return i * i;
            })
            .Skip(1)
            .Take(3)
            .ToArrayAsync(Asyncio.CancellationToken);
        Assert.Equal([4, 16, 36], seen);
    });

    [Fact]
    public void Cancelling_the_task_ends_a_query_over_what_waits_for_the_loop() => Run(async () =>
    {
        var cleanedUp = false;
        var counting = Asyncio.CreateTask(CountAsync());
        await Expect.Turns(5);

        counting.Cancel();

        await Expect.ThrowsAsync<CanceledException>(counting);
        Assert.True(cleanedUp);

        async Coroutine CountAsync() => await BlockAsync().CountAsync();

        async IAsyncEnumerable<int> BlockAsync()
        {
            try
            {
                yield return 1;
                await Asyncio.Sleep(1000);
                yield return 2;
            }
            finally
            {
                cleanedUp = true;
            }
        }
    });

    private async IAsyncEnumerable<int> FromLoopAsync(int count)
    {
        var task = Asyncio.CurrentTask;
        for (var i = 0; i < count; i++)
        {
            await Asyncio.Yield();
            Assert.Same(Loop, EventLoop.RunningOrNull);
            Assert.Same(task, Asyncio.CurrentTask);
            yield return i;
        }
    }

    private static async IAsyncEnumerable<int> DelayedAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Task.Delay(1);
            yield return i;
        }
    }

    private static async IAsyncEnumerable<int> NeverAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token = default)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, token);
        yield return 1;
    }
}

public sealed class EpollAsyncLinqTests() : AsyncLinqTests(new EpollEventLoop());

public sealed class IoUringAsyncLinqTests() : AsyncLinqTests(IoUring.NewLoop());

public sealed class PortableAsyncLinqTests() : AsyncLinqTests(new PortableEventLoop());
